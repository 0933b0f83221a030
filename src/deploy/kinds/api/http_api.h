#pragma once

#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::api {

struct HttpApiInputs {
    std::string name;
    std::string description;
    aws::Tags tags;
};
BOOST_DESCRIBE_STRUCT(HttpApiInputs, (), (name, description, tags))

struct HttpApiSettings {
    bool disable_execute_api_endpoint = false; ///< its URL is switched off
    std::string ip_address_type = "ipv4";
    bool operator==(const HttpApiSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpApiSettings, (), (disable_execute_api_endpoint, ip_address_type))

struct HttpApiOutputs {
    std::string api_id;
    std::string endpoint; ///< the URL without the stage
};
BOOST_DESCRIBE_STRUCT(HttpApiOutputs, (), (api_id, endpoint))

/// An HTTP API. Its name need not be unique: it is found by its tags.
struct HttpApi {
    static constexpr std::string_view name = "api";
    using Inputs = HttpApiInputs;
    using Settings = HttpApiSettings;
    using Outputs = HttpApiOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<HttpApi>> read(World&, Reads&, const SubjectOf<HttpApi>&);
    static Outputs create(World&, const SubjectOf<HttpApi>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<HttpApi>&, const Inputs&,
                          const ObservedOf<HttpApi>&);
    static void destroy(World&, const SubjectOf<HttpApi>&);
    static Outputs expected(const Target& target, const Outputs& identity);
    static std::string id(const Outputs& outputs) { return outputs.api_id; }
};

std::vector<Node> api_nodes(const Application& application);

} // namespace nimbus::deploy::api

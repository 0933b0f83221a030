#pragma once

#include "deploy/kinds/api/http_api.h"

namespace nimbus::deploy::api {

struct StageInputs {
    std::string api_id;
    std::string stage_name;
    aws::Tags tags;
};
BOOST_DESCRIBE_STRUCT(StageInputs, (), (api_id, stage_name, tags))

struct StageSettings {
    bool auto_deploy = true;
    std::vector<std::string> stage_variables; ///< their names: a value may be a secret
    bool operator==(const StageSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(StageSettings, (), (auto_deploy, stage_variables))

struct StageOutputs {
    std::string stage_name;
};
BOOST_DESCRIBE_STRUCT(StageOutputs, (), (stage_name))

/// The stage that an HTTP API is reached by: the first segment of the path, or $default, which has
/// none. It deploys by itself what changes.
struct Stage {
    static constexpr std::string_view name = "stage";
    using Inputs = StageInputs;
    using Settings = StageSettings;
    using Outputs = StageOutputs;
    using Parent = HttpApi;

    static std::optional<ObservedOf<Stage>> read(World&, Reads&, const SubjectOf<Stage>&);
    static Outputs create(World&, const SubjectOf<Stage>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Stage>&, const Inputs&, const ObservedOf<Stage>&);
    static void destroy(World&, const SubjectOf<Stage>&);
    static std::string id(const Outputs& outputs) { return outputs.stage_name; }
};

std::vector<Node> stage_nodes(const Application& application);

} // namespace nimbus::deploy::api

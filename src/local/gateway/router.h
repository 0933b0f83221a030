#pragma once

#include "local/gateway/api.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::local::gateway {

enum class PayloadFormat { v1, v2 };

struct Stage {
    std::string name;
    std::string path_prefix; ///< "/dev", or "" of $default: how event paths begin
    std::string arn_prefix;  ///< arn:aws:execute-api:<region>:<account>:<api>/<stage>/
};

/// An Api::Route, taken apart.
struct CompiledRoute {
    Api::Integration integration;
    PayloadFormat format = PayloadFormat::v1;
    std::string key;    ///< "GET /users/{id}" or "$default"
    std::string method; ///< "GET", "ANY"; "ANY" of $default
    std::string path;   ///< "/users/{id}" or "$default"
    std::vector<std::string> parameters;

    /// What API Gateway presents to the function's resource policy. The path is the route's own,
    /// with its {parameters}, so that one permission fits all requests of the route.
    std::string source_arn(const Stage& stage, std::string_view request_method) const;
};

struct Match {
    const Stage* stage = nullptr;
    const CompiledRoute* route = nullptr;
    std::string_view path;                ///< below the stage, still percent-encoded
    std::vector<std::string_view> values; ///< of the route's parameters, still percent-encoded
};

/// The routes of one API, compiled: immutable, shared by all requests until the next publication.
///
/// Precedence (API Gateway Developer Guide, "Create routes for HTTP APIs", "Routing API requests"):
/// a route that matches in full, then one with a greedy {proxy+}, then $default. Within these, at
/// the leftmost segment where two routes differ, a literal is before a {parameter}; at last, a
/// route for the method is before one for ANY. A path whose most specific route has another method
/// is served by the next one that fits: there is no 405.
///
/// Segments are compared after percent-decoding, so `%2F` never separates them. Every segment
/// counts: `/users`, `/users/` and `//users` are three paths. Parameters are never empty.
class Router {
public:
    explicit Router(const Api& api);
    ~Router();

    /// `path` is the request's, with the stage, percent-encoded, without the query. The match
    /// points into the router and into `path`.
    std::optional<Match> match(std::string_view method, std::string_view path) const;

    const std::string& api_id() const noexcept { return api_id_; }
    const std::string& account_id() const noexcept { return account_id_; }
    const std::optional<Api::Cors>& cors() const noexcept { return cors_; }
    /// <id>.execute-api.<region>.amazonaws.com
    const std::string& domain_name() const noexcept { return domain_name_; }

private:
    struct Node;
    struct Search;

    void add_stage(const Api& api, const std::string& name);
    void add_route(const Api::Route& given);
    const Stage* stage_of(std::string_view& path) const;

    std::string api_id_;
    std::string account_id_;
    std::string domain_name_;
    std::optional<Api::Cors> cors_;
    std::vector<Stage> stages_;
    const Stage* default_stage_ = nullptr;
    std::vector<std::unique_ptr<const CompiledRoute>> routes_;
    std::unique_ptr<Node> root_;
    const CompiledRoute* default_route_ = nullptr;
};

} // namespace nimbus::local::gateway

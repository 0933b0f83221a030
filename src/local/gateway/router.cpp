#include "local/gateway/router.h"

#include "base/arn.h"
#include "base/assert.h"
#include "base/encoding.h"
#include "base/text.h"

#include <algorithm>

namespace nimbus::local::gateway {
namespace {

constexpr std::string_view default_name = "$default";

/// The routes that end at one place, by method.
class Methods {
public:
    void add(const CompiledRoute& route) { routes_.push_back(&route); }

    const CompiledRoute* find(std::string_view method) const
    {
        const CompiledRoute* any = nullptr;
        for (const auto* route : routes_) {
            if (route->method == method)
                return route;
            if (route->method == "ANY")
                any = route;
        }
        return any;
    }

private:
    std::vector<const CompiledRoute*> routes_;
};

/// Cuts the first segment off `rest`, which is a path after its `/`; nothing is left after the
/// last.
std::string_view take_segment(std::optional<std::string_view>& rest)
{
    const auto slash = rest->find('/');
    const auto segment = rest->substr(0, slash);
    if (slash == std::string_view::npos)
        rest.reset();
    else
        rest->remove_prefix(slash + 1);
    return segment;
}

} // namespace

std::string CompiledRoute::source_arn(const Stage& stage, std::string_view request_method) const
{
    std::string arn = stage.arn_prefix;
    if (path == default_name)
        return arn += default_name;
    arn += request_method;
    return arn += path;
}

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    Methods here;   ///< of routes that end at this node
    Methods greedy; ///< of routes that take all that is below it

    Node& literal(std::string_view segment)
    {
        auto& child = literals[percent_decode(segment)];
        if (!child)
            child = std::make_unique<Node>();
        return *child;
    }

    const Node* find_literal(std::string_view segment) const
    {
        if (literals.empty())
            return nullptr;
        const auto found = segment.find('%') == std::string_view::npos
                               ? literals.find(segment)
                               : literals.find(percent_decode(segment));
        return found == literals.end() ? nullptr : found->second.get();
    }

    Node& any_segment()
    {
        if (!parameter)
            parameter = std::make_unique<Node>();
        return *parameter;
    }
};

/// Walks the tree with the more specific child first, so that the first route found is the one. No
/// node is visited twice: the work is bounded by the number of routes.
struct Router::Search {
    using Rest = std::optional<std::string_view>;

    std::string_view method;
    std::vector<std::string_view> values;

    const CompiledRoute* full(const Node& node, Rest rest)
    {
        return rest ? below(node, rest, &Search::full) : node.here.find(method);
    }

    const CompiledRoute* greedy(const Node& node, Rest rest)
    {
        if (!rest || rest->empty())
            return nullptr;
        if (const auto* route = below(node, rest, &Search::greedy))
            return route;
        const auto* route = node.greedy.find(method);
        if (route != nullptr)
            values.push_back(*rest);
        return route;
    }

private:
    const CompiledRoute* below(const Node& node, Rest rest,
                               const CompiledRoute* (Search::*next)(const Node&, Rest))
    {
        const auto segment = take_segment(rest);
        if (const auto* child = node.find_literal(segment))
            if (const auto* route = (this->*next)(*child, rest))
                return route;
        if (!node.parameter || segment.empty())
            return nullptr;
        values.push_back(segment);
        if (const auto* route = (this->*next)(*node.parameter, rest))
            return route;
        values.pop_back();
        return nullptr;
    }
};

Router::Router(const Api& api)
    : api_id_(api.id), account_id_(api.account_id),
      domain_name_(api.id + ".execute-api." + api.region + ".amazonaws.com"), cors_(api.cors),
      root_(std::make_unique<Node>())
{
    stages_.reserve(api.stages.size());
    for (const auto& name : api.stages)
        add_stage(api, name);
    for (const auto& route : api.routes)
        add_route(route);
}

Router::~Router() = default;

void Router::add_stage(const Api& api, const std::string& name)
{
    const bool is_default = name == default_name;
    stages_.push_back({.name = name,
                       .path_prefix = is_default ? "" : "/" + name,
                       .arn_prefix = Arn{.service = "execute-api",
                                         .region = api.region,
                                         .account = api.account_id,
                                         .resource = api.id + "/" + name + "/"}
                                         .to_string()});
    if (is_default)
        default_stage_ = &stages_.back();
}

void Router::add_route(const Api::Route& given)
{
    auto route = std::make_unique<CompiledRoute>();
    route->integration = given.integration;
    route->format =
        given.integration.payload_format == "2.0" ? PayloadFormat::v2 : PayloadFormat::v1;
    route->key = given.key;
    const auto space = given.key.find(' ');
    if (space == std::string::npos) {
        route->method = "ANY";
        route->path = given.key;
        default_route_ = route.get();
        routes_.push_back(std::move(route));
        return;
    }
    route->method = given.key.substr(0, space);
    route->path = given.key.substr(space + 1);
    Node* node = root_.get();
    Methods* end = nullptr;
    for (auto segment : split(std::string_view(route->path).substr(1), '/')) {
        if (!segment.starts_with('{') || !segment.ends_with('}')) {
            node = &node->literal(segment);
            continue;
        }
        segment = segment.substr(1, segment.size() - 2);
        if (segment.ends_with('+')) {
            segment.remove_suffix(1);
            end = &node->greedy;
        } else {
            node = &node->any_segment();
        }
        route->parameters.emplace_back(segment);
    }
    (end != nullptr ? *end : node->here).add(*route);
    routes_.push_back(std::move(route));
}

/// Takes the stage's name off `path`, which is then at least "/".
const Stage* Router::stage_of(std::string_view& path) const
{
    const auto end = std::min(path.find('/', 1), path.size());
    const auto first = path.substr(1, end - 1);
    for (const auto& stage : stages_) {
        if (stage.name != first || &stage == default_stage_)
            continue;
        path = end == path.size() ? "/" : path.substr(end);
        return &stage;
    }
    return default_stage_;
}

std::optional<Match> Router::match(std::string_view method, std::string_view path) const
{
    if (!path.starts_with('/'))
        return std::nullopt;
    Match match;
    match.stage = stage_of(path);
    if (match.stage == nullptr)
        return std::nullopt;
    match.path = path;
    Search search{.method = method};
    match.route = search.full(*root_, path.substr(1));
    if (match.route == nullptr)
        match.route = search.greedy(*root_, path.substr(1));
    if (match.route == nullptr)
        match.route = default_route_;
    if (match.route == nullptr)
        return std::nullopt;
    match.values = std::move(search.values);
    NIMBUS_ASSERT(match.values.size() == match.route->parameters.size(),
                  "each parameter of a route has a value");
    return match;
}

} // namespace nimbus::local::gateway

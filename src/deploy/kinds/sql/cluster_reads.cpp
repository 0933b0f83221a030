#include "deploy/reads.h"

#include "aws/ops/lambda/permissions.h"
#include "aws/ops/logs/log_groups.h"
#include "base/text.h"
#include "deploy/task_graph.h"

#include <iterator>

namespace nimbus::deploy {
namespace {

namespace api = aws::apigatewayv2;

constexpr int clusters_at_a_time = 8;

/// The items of all pages; none when what they belong to does not exist.
template <class Item, class Operation>
std::vector<Item> all_items(World& world, const Operation& operation)
{
    std::vector<Item> items;
    try {
        world.for_each_page(operation, [&](typename Operation::Response page) {
            items.insert(items.end(), std::make_move_iterator(page.items.begin()),
                         std::make_move_iterator(page.items.end()));
        });
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
    return items;
}

std::string source_arn_of(const json::object& statement)
{
    const auto* conditions = object_member(statement, "Condition");
    if (conditions == nullptr)
        return {};
    for (const auto& [comparison, keys] : *conditions)
        if (keys.is_object())
            for (const auto& [key, value] : keys.get_object())
                if (iequals(key, "AWS:SourceArn") && value.is_string())
                    return std::string(value.get_string());
    return {};
}

} // namespace

bool is_alive(const aws::dsql::Cluster& cluster)
{
    return cluster.status != "DELETING" && cluster.status != "DELETED" &&
           cluster.status != "PENDING_DELETE";
}

bool is_usable(const aws::dsql::Cluster& cluster)
{
    return cluster.status == "ACTIVE" || cluster.status == "IDLE" || cluster.status == "INACTIVE";
}

const std::optional<aws::dsql::Cluster>& Reads::cluster(const std::string& identifier)
{
    return cluster_.get(
        identifier, [&] { return world_.find(aws::dsql::GetCluster{.identifier = identifier}); });
}

const std::vector<aws::dsql::Cluster>& Reads::clusters()
{
    return clusters_.get({}, [&] {
        std::vector<std::string> identifiers;
        world_.for_each_page(aws::dsql::ListClusters{},
                             [&](const aws::dsql::ListClusters::Response& page) {
                                 for (const auto& summary : page.clusters)
                                     identifiers.push_back(summary.identifier);
                             });
        // Tags are not in the list.
        run_in_parallel(identifiers.size(), clusters_at_a_time,
                        [&](std::size_t i) { cluster(identifiers[i]); });
        std::vector<aws::dsql::Cluster> found;
        for (const auto& identifier : identifiers)
            if (const auto& one = cluster(identifier); one && is_alive(*one))
                found.push_back(*one);
        return found;
    });
}

const std::vector<api::Api>& Reads::apis()
{
    return apis_.get({}, [&] { return all_items<api::Api>(world_, api::GetApis{}); });
}

const std::vector<api::Route>& Reads::routes(const std::string& api_id)
{
    return routes_.get(
        api_id, [&] { return all_items<api::Route>(world_, api::GetRoutes{.api_id = api_id}); });
}

const std::vector<api::Integration>& Reads::integrations(const std::string& api_id)
{
    return integrations_.get(api_id, [&] {
        return all_items<api::Integration>(world_, api::GetIntegrations{.api_id = api_id});
    });
}

const std::vector<api::Stage>& Reads::stages(const std::string& api_id)
{
    return stages_.get(
        api_id, [&] { return all_items<api::Stage>(world_, api::GetStages{.api_id = api_id}); });
}

const std::map<std::string, std::string>& Reads::log_groups(const std::string& prefix)
{
    return log_groups_.get(prefix, [&] {
        std::map<std::string, std::string> found;
        world_.for_each_page(aws::logs::DescribeLogGroups{.log_group_name_prefix = prefix},
                             [&](const aws::logs::DescribeLogGroups::Response& page) {
                                 for (const auto& group : page.log_groups)
                                     found[group.log_group_name] = group.arn;
                             });
        return found;
    });
}

const std::map<std::string, std::string>& Reads::permissions(const std::string& function_name)
{
    return permissions_.get(function_name, [&] {
        std::map<std::string, std::string> found;
        const auto answer = world_.find(aws::lambda::GetPolicy{.function_name = function_name});
        if (!answer)
            return found;
        const auto policy = parse_json(answer->policy, "The resource policy of " + function_name);
        const auto* statements =
            policy.is_object() ? array_member(policy.get_object(), "Statement") : nullptr;
        if (statements != nullptr)
            for (const auto& statement : *statements)
                if (statement.is_object())
                    found[string_or_empty(statement.get_object(), "Sid")] =
                        source_arn_of(statement.get_object());
        return found;
    });
}

} // namespace nimbus::deploy

#include "deploy/kinds/sql/deployer.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/sharing.h"
#include "deploy/world.h"

namespace nimbus::deploy::sql {
namespace {

constexpr std::string_view service_name = "dsql.amazonaws.com";

/// A stage may be a pattern.
json::object tagged(json::object keys)
{
    return {{"StringLike", std::move(keys)}};
}

/// A condition's keys: the tags of what belongs to the application.
json::object own_tags(const std::string& prefix, const Application& application)
{
    const auto deployment = application.deployment();
    return {{prefix + std::string(project_tag), deployment.project},
            {prefix + std::string(stage_tag), deployment.stage}};
}

/// The first cluster of an account makes a role of DSQL's own. Source: Aurora DSQL User Guide,
/// "Using service-linked roles in Aurora DSQL".
std::string service_linked_roles(const Target& target)
{
    return Arn{.partition = aws::partition_of(target.region),
               .service = "iam",
               .account = target.account_id,
               .resource = "role/aws-service-role/" + std::string(service_name) + "/*"}
        .to_string();
}

Statement changes_of(const std::vector<std::string>& clusters, json::object tags,
                     const std::string& id)
{
    return {.actions = {"dsql:DeleteCluster", "dsql:TagResource", "dsql:UntagResource",
                        "dsql:UpdateCluster"},
            .resources = clusters,
            .condition = tagged(std::move(tags)),
            .id = id};
}

} // namespace

std::vector<Statement> deployer_statements(const Application& application)
{
    const auto& databases = application.manifest.declared.of<Database>();
    if (databases.empty())
        return {};
    const auto& target = application.target;
    const std::vector<std::string> clusters{arn_of(target, "dsql", "cluster/*")};
    std::vector<Statement> statements{
        {.actions = {"dsql:ListClusters"}, .resources = {"*"}, .id = "FindClusters"},
        // Which cluster is the application's, its tags tell, and to read these is to get it.
        {.actions = {"dsql:DbConnectAdmin", "dsql:GetCluster"},
         .resources = clusters,
         .id = "UseClusters"},
        {.actions = {"dsql:CreateCluster", "dsql:TagResource"},
         .resources = clusters,
         .condition = tagged(own_tags("aws:RequestTag/", application)),
         .id = "CreateCluster"},
        {.actions = {"iam:CreateServiceLinkedRole"},
         .resources = {service_linked_roles(target)},
         .condition = string_equals({{"iam:AWSServiceName", service_name}}),
         .id = "ServiceLinkedRole"}};
    json::array shared;
    bool has_own = false;
    for (const auto& database : databases)
        if (database.cluster)
            shared.emplace_back(*database.cluster);
        else
            has_own = true;
    if (has_own)
        statements.push_back(
            changes_of(clusters, own_tags("aws:ResourceTag/", application), "ChangeCluster"));
    if (!shared.empty())
        statements.push_back(changes_of(
            clusters, {{"aws:ResourceTag/" + std::string(shared_cluster_tag), std::move(shared)}},
            "ChangeSharedCluster"));
    return statements;
}

} // namespace nimbus::deploy::sql

#include "deploy/kinds/sql/deployer.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "deploy/kind.h"
#include "deploy/kinds/sql/cluster.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/schema.h"
#include "deploy/kinds/sql/sharing.h"
#include "deploy/world.h"

#include <algorithm>
#include <set>

namespace nimbus::deploy::sql {
namespace {

constexpr std::string_view service_name = "dsql.amazonaws.com";

/// Keys of a condition: the tags of what belongs to the application.
json::object own_tags(const std::string& prefix, const Application& application)
{
    const auto deployment = application.deployment();
    return {{prefix + std::string(project_tag), deployment.project},
            {prefix + std::string(stage_tag), deployment.stage}};
}

json::object tags_of_resource(const Application& application)
{
    return own_tags("aws:ResourceTag/", application);
}

/// Whoever may tag a cluster can make it his own: only one that has no owner's tags, such as a new
/// one, or has them already. A stage may be a pattern.
json::object creating(const Application& application)
{
    return {{"StringLike", own_tags("aws:RequestTag/", application)},
            {"StringLikeIfExists", tags_of_resource(application)}};
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

/// Changes and deletes the clusters that the application made, shared ones among them.
Statement changes_of_own(const std::vector<std::string>& clusters, const Application& application)
{
    return {.actions = {"dsql:DbConnectAdmin", "dsql:DeleteCluster", "dsql:TagResource",
                        "dsql:UntagResource", "dsql:UpdateCluster"},
            .resources = clusters,
            .condition = {{"StringLike", tags_of_resource(application)}},
            .id = "ChangeCluster"};
}

/// What the application has, or had, in clusters that several share.
struct SharedUse {
    std::set<std::string> clusters; ///< by their shared names
    std::set<std::string> claims;   ///< tags, by patterns of their keys
};

void add_claim(const std::string& schema, SharedUse& use)
{
    use.claims.insert(claim_tag(schema));
    use.claims.insert(claim_tag(schema) + ":*"); // intentions
    use.claims.insert(std::string(deleting_tag));
}

SharedUse shared_use(const Application& application)
{
    SharedUse use;
    for (const auto& database : application.manifest.declared.of<Database>())
        if (database.cluster) {
            use.clusters.insert(*database.cluster);
            add_claim(database.schema, use);
        }
    if (application.recorded == nullptr)
        return use;
    const auto& records = application.recorded->records;
    for (const auto& [key, record] : records) {
        const auto cluster =
            record.type == Schema::name ? records.find(record.parent) : records.end();
        if (cluster == records.end())
            continue;
        const auto shared =
            typed::outputs_from<ClusterResource>(cluster->second.outputs).shared_name;
        if (shared.empty())
            continue;
        use.clusters.insert(shared);
        add_claim(typed::outputs_from<Schema>(record.outputs).schema, use);
    }
    return use;
}

json::array to_array(const std::set<std::string>& texts)
{
    return json::array(texts.begin(), texts.end());
}

/// On a cluster that another application made: connects, and claims and gives back its own schemas.
/// A connection has no tag keys, which ForAllValues lets pass.
Statement use_of_shared(const std::vector<std::string>& clusters, const SharedUse& use)
{
    return {.actions = {"dsql:DbConnectAdmin", "dsql:TagResource", "dsql:UntagResource"},
            .resources = clusters,
            .condition = {{"StringEquals",
                           json::object{{"aws:ResourceTag/" + std::string(shared_cluster_tag),
                                         to_array(use.clusters)}}},
                          {"ForAllValues:StringLike",
                           json::object{{"aws:TagKeys", to_array(use.claims)}}}},
            .id = "UseSharedCluster"};
}

} // namespace

std::vector<Statement> deployer_statements(const Application& application)
{
    if (application.manifest.declared.of<Database>().empty() &&
        !is_recorded<ClusterResource, Schema>(application))
        return {};
    const auto& target = application.target;
    const std::vector<std::string> clusters{arn_of(target, "dsql", "cluster/*")};
    std::vector<Statement> statements{
        {.actions = {"dsql:ListClusters"}, .resources = {"*"}, .id = "FindClusters"},
        // Which cluster is the application's, its tags tell, and to read these is to get it.
        {.actions = {"dsql:GetCluster"}, .resources = clusters, .id = "ReadClusters"},
        {.actions = {"dsql:CreateCluster", "dsql:TagResource"},
         .resources = clusters,
         .condition = creating(application),
         .id = "CreateCluster"},
        changes_of_own(clusters, application),
        {.actions = {"iam:CreateServiceLinkedRole"},
         .resources = {service_linked_roles(target)},
         .condition = string_equals({{"iam:AWSServiceName", service_name}}),
         .id = "ServiceLinkedRole"}};
    if (const auto use = shared_use(application); !use.clusters.empty())
        statements.push_back(use_of_shared(clusters, use));
    return statements;
}

} // namespace nimbus::deploy::sql

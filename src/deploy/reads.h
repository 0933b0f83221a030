#pragma once

#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "aws/ops/dsql/clusters.h"
#include "deploy/memo.h"
#include "deploy/world.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::deploy {

/// What several resources are read from: each list or document is fetched once. Lives as long as
/// one look at the world. Thread-safe.
class Reads {
public:
    explicit Reads(World& world) : world_(world) {}

    /// Nothing when there is none.
    const std::optional<aws::dsql::Cluster>& cluster(const std::string& identifier);
    /// All of the Region, with their tags; not those that are being deleted.
    const std::vector<aws::dsql::Cluster>& clusters();

    const std::vector<aws::apigatewayv2::Api>& apis();
    /// Empty when there is no such API.
    const std::vector<aws::apigatewayv2::Route>& routes(const std::string& api_id);
    const std::vector<aws::apigatewayv2::Integration>& integrations(const std::string& api_id);
    const std::vector<aws::apigatewayv2::Stage>& stages(const std::string& api_id);

    /// Log groups of that prefix: name and ARN.
    const std::map<std::string, std::string>& log_groups(const std::string& prefix);

    /// A function's resource policy: statement id and SourceArn. Empty when there is none.
    const std::map<std::string, std::string>& permissions(const std::string& function_name);

private:
    World& world_;
    Memo<std::optional<aws::dsql::Cluster>> cluster_;
    Memo<std::vector<aws::dsql::Cluster>> clusters_;
    Memo<std::vector<aws::apigatewayv2::Api>> apis_;
    Memo<std::vector<aws::apigatewayv2::Route>> routes_;
    Memo<std::vector<aws::apigatewayv2::Integration>> integrations_;
    Memo<std::vector<aws::apigatewayv2::Stage>> stages_;
    Memo<std::map<std::string, std::string>> log_groups_;
    Memo<std::map<std::string, std::string>> permissions_;
};

/// CREATING, ACTIVE, …: will be or is a cluster, and does not go away.
bool is_alive(const aws::dsql::Cluster& cluster);
/// Connections are answered, or wake it.
bool is_usable(const aws::dsql::Cluster& cluster);

} // namespace nimbus::deploy

#include "cli/cluster_copies.h"

#include "aws/ops/json_protocol.h"

#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr const char* path = "/cluster-copies";

} // namespace

aws::Encoded CopyCluster::encode() const
{
    json::object document{{"cluster", cluster}, {"process", ::getpid()}};
    aws::put(document, "role", role);
    return aws::rest_request("POST", path, document);
}

CopyCluster::Response CopyCluster::decode(const http::Response& response)
{
    const auto body = aws::body_of(response);
    Response copy{.identifier = aws::required_string(body, "identifier"),
                  .endpoint = aws::required_string(body, "endpoint"),
                  .credentials = {}};
    if (const auto* given = object_member(body, "credentials"))
        copy.credentials = {.access_key_id = aws::required_string(*given, "accessKeyId"),
                            .secret_access_key = aws::required_string(*given, "secretAccessKey"),
                            .session_token = aws::required_string(*given, "sessionToken")};
    return copy;
}

aws::Encoded RemoveClusterCopy::encode() const
{
    return aws::rest_request("DELETE", std::string(path) + '/' + identifier);
}

aws::Encoded BackUpCluster::encode() const
{
    return aws::rest_request("POST", "/cluster-backups",
                             {{"cluster", cluster}, {"directory", directory}});
}

aws::Encoded ListClusterCopies::encode() const
{
    return aws::rest_request("GET", path);
}

ListClusterCopies::Response ListClusterCopies::decode(const http::Response& response)
{
    return aws::list_of(aws::body_of(response), "copies", [](const json::object& copy) {
        return aws::required_string(copy, "cluster");
    });
}

} // namespace nimbus::cli

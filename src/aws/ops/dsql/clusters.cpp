#include "aws/ops/dsql/clusters.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/rest.h"

namespace nimbus::aws::dsql {
namespace {

std::string path_of(const std::string& identifier)
{
    return "/cluster/" + path_segment(identifier);
}

Cluster decode_cluster(const http::Response& response)
{
    const auto body = body_of(response);
    return {.identifier = required_string(body, "identifier"),
            .arn = required_string(body, "arn"),
            .status = required_string(body, "status"),
            .creation_time = required_seconds(body, "creationTime"),
            .deletion_protection = bool_member(body, "deletionProtectionEnabled").value_or(true),
            .endpoint = string_or_empty(body, "endpoint"),
            .tags = string_map(body, "tags")};
}

ClusterState decode_state(const http::Response& response)
{
    const auto body = body_of(response);
    return {.identifier = required_string(body, "identifier"),
            .arn = required_string(body, "arn"),
            .status = required_string(body, "status"),
            .creation_time = required_seconds(body, "creationTime")};
}

} // namespace

Encoded CreateCluster::encode() const
{
    json::object body{{"deletionProtectionEnabled", deletion_protection}};
    put(body, "tags", tags);
    put(body, "clientToken", client_token);
    return rest_request("POST", "/cluster", body);
}

Cluster CreateCluster::decode(const http::Response& response)
{
    return decode_cluster(response);
}

Encoded GetCluster::encode() const
{
    return rest_request("GET", path_of(identifier));
}

Cluster GetCluster::decode(const http::Response& response)
{
    return decode_cluster(response);
}

Encoded UpdateCluster::encode() const
{
    json::object body;
    put_if_set(body, "deletionProtectionEnabled", deletion_protection);
    put(body, "clientToken", client_token);
    return rest_request("POST", path_of(identifier), body);
}

ClusterState UpdateCluster::decode(const http::Response& response)
{
    return decode_state(response);
}

Encoded DeleteCluster::encode() const
{
    auto request = rest_request("DELETE", path_of(identifier));
    add_query(request, "client-token", client_token);
    return request;
}

ClusterState DeleteCluster::decode(const http::Response& response)
{
    return decode_state(response);
}

Encoded ListClusters::encode() const
{
    auto request = rest_request("GET", "/cluster");
    add_query(request, "max-results", max_results);
    add_query(request, "next-token", next_token);
    return request;
}

ListClusters::Response ListClusters::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.clusters = list_of(body, "clusters",
                                [](const json::object& cluster) {
                                    return Summary{.identifier =
                                                       required_string(cluster, "identifier"),
                                                   .arn = required_string(cluster, "arn")};
                                }),
            .next_token = string_or_empty(body, "nextToken")};
}

} // namespace nimbus::aws::dsql

#pragma once

#include "aws/client.h"
#include "aws/operation.h"

#include <optional>
#include <string>
#include <vector>

/// Copies of clusters in the local cloud, which is a service of its own beside AWS's.
namespace nimbus::cli {

inline constexpr aws::Service cluster_copies_service{"the local cloud",
                                                     "nimbus-cluster-copies",
                                                     "nimbus-cluster-copies",
                                                     "NIMBUS_CLUSTER_COPIES",
                                                     aws::Protocol::rest_json,
                                                     "",
                                                     ""};

/// A copy that lasts until it is removed, or this process ends.
struct CopyCluster {
    static constexpr aws::OperationInfo info{cluster_copies_service, "CopyCluster",
                                             aws::Effect::change_once};

    std::string cluster; ///< its identifier
    std::string role;    ///< ARN of a role of functions whose credentials are wanted; empty: none

    struct Response {
        std::string identifier;
        std::string endpoint;
        std::optional<sigv4::Credentials> credentials;
    };
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct RemoveClusterCopy {
    static constexpr aws::OperationInfo info{cluster_copies_service, "RemoveClusterCopy",
                                             aws::Effect::change};

    std::string identifier; ///< of the copy

    using Response = aws::Nothing;
    aws::Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Has the local cloud copy a cluster's data to a directory that is not there yet.
struct BackUpCluster {
    static constexpr aws::OperationInfo info{cluster_copies_service, "BackUpCluster",
                                             aws::Effect::change_once};

    std::string cluster;   ///< its identifier
    std::string directory; ///< an absolute path

    using Response = aws::Nothing;
    aws::Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// The identifiers of the clusters whose copies somebody has, each as often as there are copies.
struct ListClusterCopies {
    static constexpr aws::OperationInfo info{cluster_copies_service, "ListClusterCopies",
                                             aws::Effect::read};

    using Response = std::vector<std::string>;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::cli

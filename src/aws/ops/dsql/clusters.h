#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <optional>

/// Aurora DSQL: clusters. Errors worth knowing: ResourceNotFoundException (404), ConflictException
/// (409: a wrong state), ValidationException (400; `reason` "deletionProtectionEnabled" when a
/// protected cluster is to be deleted), ServiceQuotaExceededException (402).
namespace nimbus::aws::dsql {

struct Cluster {
    std::string identifier; ///< 26 characters
    std::string arn;
    /// CREATING, ACTIVE, IDLE, INACTIVE, UPDATING, DELETING, DELETED, FAILED, PENDING_SETUP or
    /// PENDING_DELETE
    std::string status;
    SystemTime creation_time;
    bool deletion_protection = true;
    std::string endpoint; ///< host name; may be empty while the cluster is being made
    Tags tags;            ///< filled in by GetCluster only
};

struct CreateCluster {
    static constexpr OperationInfo info{services::dsql, "CreateCluster", Effect::change};

    /// Required, 1 to 128 printable characters: the same token gives the same cluster.
    std::string client_token;
    bool deletion_protection = true;
    Tags tags;

    using Response = Cluster;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetCluster {
    static constexpr OperationInfo info{services::dsql, "GetCluster", Effect::read};

    std::string identifier;

    using Response = Cluster;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What UpdateCluster and DeleteCluster answer.
struct ClusterState {
    std::string identifier;
    std::string arn;
    std::string status;
    SystemTime creation_time;
};

struct UpdateCluster {
    static constexpr OperationInfo info{services::dsql, "UpdateCluster", Effect::change};

    std::string identifier;
    std::optional<bool> deletion_protection;
    std::string client_token;

    using Response = ClusterState;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteCluster {
    static constexpr OperationInfo info{services::dsql, "DeleteCluster", Effect::change};

    std::string identifier;
    std::string client_token;

    using Response = ClusterState;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated.
struct ListClusters {
    static constexpr OperationInfo info{services::dsql, "ListClusters", Effect::read};

    int max_results = 0; ///< 1 to 100; 0: AWS's default
    std::string next_token;

    struct Summary {
        std::string identifier;
        std::string arn;
    };
    struct Response {
        std::vector<Summary> clusters;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::dsql

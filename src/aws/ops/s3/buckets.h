#pragma once

#include "aws/operation.h"

/// S3: buckets. Errors worth knowing: NoSuchBucket (404), BucketAlreadyOwnedByYou and
/// BucketAlreadyExists (409; somebody else's). HeadBucket has no body: its ApiError's code is made
/// from the status (NotFound, Forbidden, …).
namespace nimbus::aws::s3 {

struct CreateBucket {
    static constexpr OperationInfo info{services::s3, "CreateBucket", Effect::change};

    std::string bucket;
    std::string region; ///< where it is made; has to be the client's Region

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct HeadBucket {
    static constexpr OperationInfo info{services::s3, "HeadBucket", Effect::read};

    std::string bucket;
    /// An account: refused (403) when the bucket belongs to another one. Empty: anybody's will do.
    std::string expected_owner;

    struct Response {
        std::string region;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::s3

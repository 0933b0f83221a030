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

    struct Response {
        std::string region;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Shuts out the public for good: all four settings on.
struct PutPublicAccessBlock {
    static constexpr OperationInfo info{services::s3, "PutPublicAccessBlock", Effect::change};

    std::string bucket;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct PutBucketVersioning {
    static constexpr OperationInfo info{services::s3, "PutBucketVersioning", Effect::change};

    std::string bucket;
    bool enabled = true; ///< false: suspended

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Replaces all tags of the bucket.
struct PutBucketTagging {
    static constexpr OperationInfo info{services::s3, "PutBucketTagging", Effect::change};

    std::string bucket;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::s3

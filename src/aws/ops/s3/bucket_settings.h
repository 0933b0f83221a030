#pragma once

#include "aws/operation.h"

#include <string>
#include <vector>

/// S3: what holds for a bucket as a whole. Each setting that was never made is a 404 of its own,
/// which `aws::Client::find` takes for "nothing".
namespace nimbus::aws::s3 {

struct GetPublicAccessBlock {
    static constexpr OperationInfo info{services::s3, "GetPublicAccessBlock", Effect::read};

    std::string bucket;

    struct Response {
        bool blocks_all = false; ///< all four settings are on
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

struct GetBucketVersioning {
    static constexpr OperationInfo info{services::s3, "GetBucketVersioning", Effect::read};

    std::string bucket;

    struct Response {
        bool enabled = false; ///< false also when it is suspended
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct PutBucketVersioning {
    static constexpr OperationInfo info{services::s3, "PutBucketVersioning", Effect::change};

    std::string bucket;
    bool enabled = true; ///< false: suspended

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// How new objects are encrypted; not found: S3 was never told.
struct GetBucketEncryption {
    static constexpr OperationInfo info{services::s3, "GetBucketEncryption", Effect::read};

    std::string bucket;

    struct Response {
        std::string algorithm; ///< AES256, aws:kms, aws:kms:dsse
        std::string kms_key;   ///< ARN or id, as it was set; empty: one of AWS's
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// With a key of KMS's (SSE-KMS), or with keys that S3 keeps (SSE-S3).
struct PutBucketEncryption {
    static constexpr OperationInfo info{services::s3, "PutBucketEncryption", Effect::change};

    std::string bucket;
    std::string kms_key; ///< ARN; empty: S3's

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct GetBucketPolicy {
    static constexpr OperationInfo info{services::s3, "GetBucketPolicy", Effect::read};

    std::string bucket;

    struct Response {
        std::string policy; ///< JSON
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Replaces the whole policy.
struct PutBucketPolicy {
    static constexpr OperationInfo info{services::s3, "PutBucketPolicy", Effect::change};

    std::string bucket;
    std::string policy; ///< JSON

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// What becomes of objects in time, without anybody's doing. Days that are 0 say nothing.
struct LifecycleRule {
    std::string id;
    bool enabled = true;
    std::string prefix; ///< of the keys that it holds for
    int noncurrent_days = 0;
    bool removes_delete_markers = false; ///< when no version is left under them
    int abort_uploads_days = 0;
    /// The rule as S3 wrote it: it may say more than the members above. Empty: one of ours.
    std::string document;
};

struct GetBucketLifecycleConfiguration {
    static constexpr OperationInfo info{services::s3, "GetBucketLifecycleConfiguration",
                                        Effect::read};

    std::string bucket;

    struct Response {
        std::vector<LifecycleRule> rules;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Replaces all rules; those that were read go back as they were written.
struct PutBucketLifecycleConfiguration {
    static constexpr OperationInfo info{services::s3, "PutBucketLifecycleConfiguration",
                                        Effect::change};

    std::string bucket;
    std::vector<LifecycleRule> rules;

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

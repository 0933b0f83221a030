#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <cstdint>
#include <optional>

/// S3: objects. ETags keep their quotes, as S3 sends and wants them. Errors worth knowing:
/// NoSuchKey and NoSuchBucket (404), PreconditionFailed (412: a condition did not hold), and
/// ConditionalRequestConflict (409: another conditional write was under way).
namespace nimbus::aws::s3 {

struct PutObject {
    /// A repeat of a conditional write that did arrive fails with PreconditionFailed.
    static constexpr OperationInfo info{services::s3, "PutObject", Effect::change};

    std::string bucket;
    std::string key;
    std::string body;
    std::string content_type = "application/octet-stream";
    std::string if_match;      ///< an ETag: only if the object is still that
    std::string if_none_match; ///< "*": only if there is no such object

    struct Response {
        std::string etag;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetObject {
    static constexpr OperationInfo info{services::s3, "GetObject", Effect::read};

    std::string bucket;
    std::string key;
    std::string if_match; ///< an ETag

    struct Response {
        std::string body;
        std::string etag;
        std::string content_type;
        SystemTime last_modified;              ///< in whole seconds
        std::optional<SystemTime> answered_at; ///< by S3's clock, too
    };

    Encoded encode() const;
    static Response decode(http::Response response);
};

/// Has no body: its ApiError's code is made from the status (NotFound, Forbidden, …).
struct HeadObject {
    static constexpr OperationInfo info{services::s3, "HeadObject", Effect::read};

    std::string bucket;
    std::string key;

    struct Response {
        std::string etag;
        std::string content_type;
        std::int64_t content_length = 0;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Succeeds also if there is no such object.
struct DeleteObject {
    static constexpr OperationInfo info{services::s3, "DeleteObject", Effect::change};

    std::string bucket;
    std::string key;
    std::string if_match; ///< an ETag: only if the object is still that

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct Object {
    std::string key;
    std::string etag;
    std::int64_t size = 0; ///< bytes
    SystemTime last_modified;
};

/// Paginated, in the order of the keys' bytes.
struct ListObjectsV2 {
    static constexpr OperationInfo info{services::s3, "ListObjectsV2", Effect::read};

    std::string bucket;
    std::string prefix;
    std::string delimiter;
    int max_keys = 0; ///< 0: AWS's default, 1,000
    std::string next_token;

    struct Response {
        std::vector<Object> objects;
        std::vector<std::string> common_prefixes;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::s3

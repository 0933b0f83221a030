#include "local/services/s3/s3_service.h"

#include "base/arn.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace s3_api {

Bucket need_bucket(S3Store& store, const std::string& name)
{
    auto bucket = store.find_bucket(name);
    if (!bucket)
        throw ServiceError(404, "NoSuchBucket", "The specified bucket does not exist",
                           {{"BucketName", name}});
    return std::move(*bucket);
}

void throw_no_such_key(const std::string& key)
{
    throw ServiceError(404, "NoSuchKey", "The specified key does not exist.", {{"Key", key}});
}

std::string bucket_resource(const Call& call)
{
    return Arn{.service = "s3", .resource = call.label("Bucket")}.to_string();
}

std::string object_resource(const Call& call)
{
    return bucket_resource(call) + "/" + call.label("Key");
}

void refuse_subresources(const Call& call)
{
    constexpr std::array<std::string_view, 33> not_here{"accelerate",   "acl",
                                                        "analytics",    "attributes",
                                                        "cors",         "encryption",
                                                        "inventory",    "intelligent-tiering",
                                                        "legal-hold",   "lifecycle",
                                                        "logging",      "metadataTable",
                                                        "metrics",      "notification",
                                                        "object-lock",  "ownershipControls",
                                                        "partNumber",   "policy",
                                                        "policyStatus", "renameObject",
                                                        "replication",  "requestPayment",
                                                        "restore",      "retention",
                                                        "select",       "session",
                                                        "tagging",      "torrent",
                                                        "uploadId",     "uploads",
                                                        "versionId",    "versions",
                                                        "website"};
    for (const auto& [name, value] : call.query)
        if (std::ranges::find(not_here, name) != not_here.end())
            throw ServiceError(501, "NotImplemented",
                               "A header or query you provided implies functionality that the "
                               "local cloud does not have: ?" +
                                   name);
}

std::string quoted_etag(const std::string& etag)
{
    return "\"" + etag + "\"";
}

void tell_encryption(http::Response& response)
{
    response.headers.set("x-amz-server-side-encryption", "AES256");
}

} // namespace s3_api

Service make_s3_service(S3Store& store, AccessControl& access)
{
    Service service{.signing_name = "s3", .protocol = Protocol::rest_xml};
    service.add(s3_bucket_operations(store));
    service.add(s3_upload_operations(store, access));
    service.add(s3_listing_operations(store));
    service.add(s3_object_operations(store, access));
    // Any path may be one of a bucket: what no other service claims is S3's.
    service.claims = [](const http::Request&) { return true; };
    return service;
}

} // namespace nimbus::local

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

std::string quoted_etag(const std::string& etag)
{
    return "\"" + etag + "\"";
}

void tell_encryption(http::Response& response)
{
    response.headers.set("x-amz-server-side-encryption", "AES256");
}

} // namespace s3_api

namespace {

/// The bucket is the account's, or is not there, which the operation says itself. Source: Amazon S3
/// User Guide, "Verifying bucket ownership with bucket owner condition".
void check_owner(S3Store& store, const Call& call, const std::string& bucket,
                 std::string_view header)
{
    const auto expected = call.request.headers.find(header);
    if (expected && *expected != call.account_id && store.find_bucket(bucket))
        throw ServiceError(403, "AccessDenied", "Access Denied");
}

/// Buckets of Regions that opened before 2014. Source: Amazon S3 API Reference, "Authenticating
/// requests (AWS Signature Version 2)".
void check_signature_version(S3Store& store, const Call& call, const std::string& bucket)
{
    constexpr std::array<std::string_view, 8> old_regions{
        "us-east-1", "us-west-1",      "us-west-2",      "eu-west-1",
        "sa-east-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1"};
    if (!call.is_signed_the_old_way)
        return;
    const auto found = store.find_bucket(bucket);
    if (found && std::ranges::find(old_regions, found->region) == old_regions.end())
        throw ServiceError(400, "InvalidRequest",
                           "The authorization mechanism you have provided is not supported. "
                           "Please use AWS4-HMAC-SHA256.");
}

/// What holds for the operations of all buckets.
Answer checked(S3Store& store, Answer answer)
{
    return [&store, answer = std::move(answer)](Call& call) {
        if (const auto label = call.labels.find("Bucket"); label != call.labels.end()) {
            check_signature_version(store, call, label->second);
            check_owner(store, call, label->second, "x-amz-expected-bucket-owner");
        }
        return answer(call);
    };
}

} // namespace

void s3_api::check_source_owner(S3Store& store, const Call& call, const std::string& bucket)
{
    check_owner(store, call, bucket, "x-amz-source-expected-bucket-owner");
}

Service make_s3_service(S3Store& store, AccessControl& access)
{
    Service service{.signing_name = "s3",
                    .protocol = Protocol::rest_xml,
                    .inputs = s3_inputs(),
                    .input_error = "NotImplemented"};
    service.add(s3_bucket_operations(store));
    service.add(s3_upload_operations(store, access));
    service.add(s3_listing_operations(store));
    service.add(s3_object_operations(store, access));
    for (auto& operation : service.operations)
        operation.answer = checked(store, std::get<Answer>(std::move(operation.answer)));
    // Any path may be one of a bucket: what no other service claims is S3's.
    service.claims = [](const http::Request&) { return true; };
    return service;
}

} // namespace nimbus::local

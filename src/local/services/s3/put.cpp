#include "base/encoding.h"
#include "base/text.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace s3_api {

void refuse_object_headers(const Call& call)
{
    const auto& headers = call.request.headers;
    const auto storage = headers.get("x-amz-storage-class");
    if (!storage.empty() && storage != "STANDARD")
        throw ServiceError(501, "NotImplemented",
                           "The local cloud has one storage class: STANDARD");
    const auto encryption = headers.get("x-amz-server-side-encryption");
    if (!encryption.empty() && encryption != "AES256")
        throw ServiceError(
            501, "NotImplemented",
            "The local cloud has no keys of KMS: x-amz-server-side-encryption has to "
            "be AES256");
    const auto acl = headers.get("x-amz-acl");
    if (!acl.empty() && acl != "private" && acl != "bucket-owner-full-control")
        throw ServiceError(400, "AccessControlListNotSupported", "The bucket does not allow ACLs");
}

/// What a later GetObject gives back as it came.
std::map<std::string, std::string> kept_headers(const Call& call)
{
    constexpr std::array<std::string_view, 6> standard{"cache-control",    "content-disposition",
                                                       "content-encoding", "content-language",
                                                       "content-type",     "expires"};
    std::map<std::string, std::string> kept;
    std::size_t metadata = 0;
    for (const auto& [name, value] : call.request.headers) {
        auto lower = to_lower(name);
        const auto own = lower.starts_with("x-amz-meta-");
        if (!own && std::ranges::find(standard, lower) == standard.end())
            continue;
        if (own)
            metadata += lower.size() - 11 + value.size();
        auto text = value;
        if (lower == "content-encoding") {
            // The framing of the upload is not an encoding of the object.
            std::vector<std::string> codings;
            for (const auto part : split(value, ','))
                if (trim(part) != "aws-chunked" && !trim(part).empty())
                    codings.emplace_back(trim(part));
            text = join(codings, ",");
            if (text.empty())
                continue;
        }
        kept[std::move(lower)] = std::move(text);
    }
    if (metadata > 2048)
        throw ServiceError(400, "MetadataTooLarge",
                           "Your metadata headers exceed the maximum allowed metadata size");
    kept.try_emplace("content-type", "binary/octet-stream");
    return kept;
}

Object new_object(S3Store& store, const Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto& key = call.label("Key");
    if (key.size() > 1024)
        throw ServiceError(400, "KeyTooLongError", "Your key is too long",
                           {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", "1024"}});
    if (!is_utf8(key))
        throw ServiceError(400, "InvalidURI", "Couldn't parse the specified URI.");
    return {.bucket = bucket.name, .key = key};
}

} // namespace s3_api

using namespace s3_api;

http::Response s3_put_object(S3Store& store, AccessControl&, Call& call)
{
    refuse_object_headers(call);
    auto object = new_object(store, call);
    const auto checksums = check_body_digests(call.request.headers, call.request.body);
    object.headers = kept_headers(call);
    object.headers.insert(checksums.begin(), checksums.end());
    store.put(object, call.request.body, [&](const std::optional<Object>& existing) {
        check_write_conditions(call.request.headers, existing, object.key);
    });
    http::Response response;
    response.headers.set("etag", quoted_etag(object.etag));
    for (const auto& [name, value] : checksums)
        response.headers.set(name, value);
    if (!checksums.empty())
        response.headers.set("x-amz-checksum-type", "FULL_OBJECT");
    tell_encryption(response);
    return response;
}

} // namespace nimbus::local

#include "base/arn.h"
#include "base/encoding.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace s3_api {

void refuse_object_headers(const Call& call)
{
    const auto& headers = call.request.headers;
    constexpr std::array<std::string_view, 8> not_here{
        "x-amz-tagging",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-legal-hold",
        "x-amz-object-lock-retain-until-date",
        "x-amz-website-redirect-location",
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-write-offset-bytes"};
    for (const auto name : not_here)
        if (headers.contains(name))
            throw ServiceError(501, "NotImplemented",
                               "A header you provided implies functionality that the local cloud "
                               "does not have: " +
                                   std::string(name));
    const auto storage = headers.get("x-amz-storage-class");
    if (!storage.empty() && storage != "STANDARD")
        throw ServiceError(501, "NotImplemented",
                           "The local cloud has one storage class: STANDARD");
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

} // namespace s3_api

namespace {

using namespace s3_api;

http::Response copy_object(S3Store& store, AccessControl& access, Call& call, Object object)
{
    auto source = percent_decode(call.request.headers.get("x-amz-copy-source"));
    if (source.starts_with('/'))
        source.erase(0, 1);
    const auto slash = source.find('/');
    if (slash == std::string::npos || source.find("?versionId=") != std::string::npos)
        throw ServiceError(400, "InvalidArgument",
                           "Copy Source must mention the source bucket and key: "
                           "sourcebucket/sourcekey");
    const auto bucket = need_bucket(store, source.substr(0, slash));
    const auto key = source.substr(slash + 1);
    const auto decision =
        access.authorize(call.caller, "s3:GetObject",
                         Arn{.service = "s3", .resource = bucket.name + "/" + key}.to_string());
    if (!decision.allowed)
        throw ServiceError(403, "AccessDenied", decision.explanation);
    const auto held = store.find_and_hold(bucket.name, key);
    if (!held)
        throw_no_such_key(key);
    const auto* original = &held->object;
    if (const auto wanted = call.request.headers.find("x-amz-copy-source-if-match");
        wanted && *wanted != quoted_etag(original->etag) && *wanted != original->etag)
        throw_precondition_failed("x-amz-copy-source-If-Match");

    const auto replace = iequals(call.request.headers.get("x-amz-metadata-directive"), "REPLACE");
    if (!replace && bucket.name == object.bucket && key == object.key)
        throw ServiceError(400, "InvalidRequest",
                           "This copy request is illegal because it is trying to copy an object "
                           "to itself without changing the object's metadata, storage class, "
                           "website redirect location or encryption attributes.");
    object.headers = replace ? kept_headers(call) : original->headers;
    store.put_copy(object, *original);
    Xml xml;
    xml.open("CopyObjectResult", xml_namespace);
    xml.text("LastModified", format_iso8601_milliseconds(object.modified));
    xml.text("ETag", quoted_etag(object.etag));
    xml.close("CopyObjectResult");
    return xml_answer(xml);
}

} // namespace

http::Response s3_put_object(S3Store& store, AccessControl& access, Call& call)
{
    refuse_subresources(call);
    refuse_object_headers(call);
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto& key = call.label("Key");
    if (key.size() > 1024)
        throw ServiceError(400, "KeyTooLongError", "Your key is too long",
                           {{"Size", std::to_string(key.size())}, {"MaxSizeAllowed", "1024"}});
    if (!is_utf8(key))
        throw ServiceError(400, "InvalidURI", "Couldn't parse the specified URI.");
    Object object{.bucket = bucket.name, .key = key};
    if (call.request.headers.contains("x-amz-copy-source"))
        return copy_object(store, access, call, std::move(object));

    const auto checksums = check_body_digests(call.request.headers, call.request.body);
    object.headers = kept_headers(call);
    object.headers.insert(checksums.begin(), checksums.end());
    store.put(object, call.request.body, [&](const std::optional<Object>& existing) {
        check_write_conditions(call.request.headers, existing, key);
    });
    http::Response response;
    response.headers.set("etag", quoted_etag(object.etag));
    for (const auto& [name, value] : checksums)
        response.headers.set(name, value);
    if (!checksums.empty())
        response.headers.set("x-amz-checksum-type", "FULL_OBJECT");
    return response;
}

} // namespace nimbus::local

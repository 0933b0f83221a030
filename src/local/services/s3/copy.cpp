#include "base/arn.h"
#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

/// What takes its content from another object: CopyObject and UploadPartCopy.
namespace nimbus::local {
namespace {

using namespace s3_api;

/// The object that the call copies, which its caller may read and whose conditions hold.
S3Store::Held open_source(S3Store& store, AccessControl& access, const Call& call)
{
    const std::string header(call.request.headers.get("x-amz-copy-source"));
    const auto question = header.find('?'); // of a key it is encoded
    if (question != std::string::npos)
        throw ServiceError(501, "NotImplemented",
                           "The local cloud keeps one version of each object: leave out '" +
                               header.substr(question) + "' in x-amz-copy-source");
    auto source = percent_decode(header);
    if (source.starts_with('/'))
        source.erase(0, 1);
    const auto slash = source.find('/');
    if (slash == std::string::npos)
        throw ServiceError(400, "InvalidArgument",
                           "Copy Source must mention the source bucket and key: "
                           "sourcebucket/sourcekey");
    const auto bucket = need_bucket(store, source.substr(0, slash));
    check_source_owner(store, call, bucket.name);
    const auto key = source.substr(slash + 1);
    const auto decision =
        access.authorize(call.caller, "s3:GetObject",
                         Arn{.service = "s3", .resource = bucket.name + "/" + key}.to_string());
    if (!decision.allowed)
        throw ServiceError(403, "AccessDenied", decision.explanation);
    auto held = store.find_and_hold(bucket.name, key);
    if (!held)
        throw_no_such_key(key);
    constexpr std::string_view of_source = "x-amz-copy-source-";
    if (!read_conditions_hold(call.request.headers, held->object, of_source))
        throw_precondition_failed(std::string(of_source) + "If-None-Match");
    return std::move(*held);
}

/// What x-amz-copy-source-range asks for, "bytes=first-last", both included; all of it where there
/// is none. Source: Amazon S3 API Reference, UploadPartCopy.
std::string read_source(S3Store& store, const Call& call, const Object& source)
{
    const auto header = call.request.headers.find("x-amz-copy-source-range");
    if (!header)
        return store.blobs().read(source.blob);
    auto text = std::string_view(*header);
    constexpr std::string_view unit = "bytes=";
    const auto dash = text.find('-');
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
    if (text.starts_with(unit) && dash != std::string_view::npos) {
        first = parse_number<std::uint64_t>(text.substr(unit.size(), dash - unit.size()));
        last = parse_number<std::uint64_t>(text.substr(dash + 1));
    }
    if (!first || !last || *last < *first)
        throw ServiceError(400, "InvalidArgument",
                           "The x-amz-copy-source-range value must be of the form bytes=first-last "
                           "where first and last are the zero-based offsets of the first and last "
                           "bytes to copy");
    if (*last >= source.size)
        throw ServiceError(400, "InvalidArgument",
                           "Range specified is not valid for source object of size: " +
                               std::to_string(source.size));
    return store.blobs().read(source.blob, *first, *last - *first + 1);
}

/// The copy's checksums: the source's, unless the call asks for one by name. Source: Amazon S3 API
/// Reference, CopyObject, x-amz-checksum-algorithm.
std::map<std::string, std::string> checksums_of_copy(S3Store& store, const Call& call,
                                                     const Object& source)
{
    constexpr std::string_view prefix = "x-amz-checksum-";
    std::map<std::string, std::string> checksums;
    const auto asked = call.request.headers.find(std::string(prefix) + "algorithm");
    auto algorithm = to_lower(asked.value_or(""));
    if (!asked) {
        for (const auto& [name, value] : source.headers)
            if (name.starts_with(prefix))
                checksums[name] = value;
        const auto type = checksums.find("x-amz-checksum-type");
        if (type == checksums.end() || type->second != "COMPOSITE")
            return checksums;
        // That of the source's parts: the copy has none.
        checksums.erase(type);
        algorithm = checksums.begin()->first.substr(prefix.size());
        checksums.clear();
    }
    auto value = body_checksum(algorithm, store.blobs().read(source.blob));
    if (value.empty())
        throw ServiceError(400, "InvalidRequest",
                           "Checksum algorithm provided is unsupported. Please try again with any "
                           "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    checksums[std::string(prefix) + algorithm] = std::move(value);
    return checksums;
}

} // namespace

http::Response s3_copy_object(S3Store& store, AccessControl& access, Call& call)
{
    refuse_object_headers(call);
    auto object = new_object(store, call);
    const auto held = open_source(store, access, call);
    const auto& source = held.object;
    const auto replace = iequals(call.request.headers.get("x-amz-metadata-directive"), "REPLACE");
    if (!replace && source.bucket == object.bucket && source.key == object.key)
        throw ServiceError(400, "InvalidRequest",
                           "This copy request is illegal because it is trying to copy an object "
                           "to itself without changing the object's metadata, storage class, "
                           "website redirect location or encryption attributes.");
    object.headers = replace ? kept_headers(call) : source.headers;
    std::erase_if(object.headers,
                  [](const auto& header) { return header.first.starts_with("x-amz-checksum-"); });
    const auto checksums = checksums_of_copy(store, call, source);
    object.headers.insert(checksums.begin(), checksums.end());
    store.put_copy(object, source, [&](const std::optional<Object>& existing) {
        check_write_conditions(call.request.headers, existing, object.key);
    });
    Xml xml;
    xml.open("CopyObjectResult", xml_namespace);
    xml.text("LastModified", format_iso8601_milliseconds(object.modified));
    xml.text("ETag", quoted_etag(object.etag));
    for (const auto& [name, value] : checksums)
        if (name != "x-amz-checksum-type")
            xml.text(checksum_element(name), value);
    xml.close("CopyObjectResult");
    auto response = xml_answer(xml);
    tell_encryption(response);
    return response;
}

http::Response s3_upload_part_copy(S3Store& store, AccessControl& access, Call& call)
{
    const auto held = open_source(store, access, call);
    call.request.body = read_source(store, call, held.object);
    const auto part = put_part(store, call);
    Xml xml;
    xml.open("CopyPartResult", xml_namespace);
    xml.text("LastModified", format_iso8601_milliseconds(part.modified));
    xml.text("ETag", quoted_etag(part.etag));
    for (const auto& [name, value] : part.checksums)
        xml.text(checksum_element(name), value);
    xml.close("CopyPartResult");
    auto response = xml_answer(xml);
    tell_encryption(response);
    return response;
}

} // namespace nimbus::local

#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

#include <pugixml.hpp>

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace s3_api;

constexpr std::uint64_t least_part_bytes = 5ULL * 1024 * 1024;
constexpr int most_parts = 10'000;

[[noreturn]] void throw_no_upload(const std::string& id)
{
    throw ServiceError(404, "NoSuchUpload",
                       "The specified upload does not exist. The upload ID may be invalid, or the "
                       "upload may have been aborted or completed.",
                       {{"UploadId", id}});
}

/// The call's upload; throws NoSuchUpload when it is none of that bucket and key.
Upload need_upload(S3Store& store, const Call& call)
{
    need_bucket(store, call.label("Bucket"));
    const auto id = call.parameter("uploadId").value_or("");
    auto upload = store.find_upload(id);
    if (!upload || upload->object.bucket != call.label("Bucket") ||
        upload->object.key != call.label("Key"))
        throw_no_upload(id);
    return std::move(*upload);
}

int part_number(const std::string& text)
{
    const auto number = parse_number<int>(text);
    if (!number || *number < 1 || *number > most_parts)
        throw ServiceError(400, "InvalidArgument",
                           "Part number must be an integer between 1 and 10000, inclusive");
    return *number;
}

http::Response create_upload(S3Store& store, AccessControl&, Call& call)
{
    refuse_object_headers(call);
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto& key = call.label("Key");
    if (key.size() > 1024)
        throw ServiceError(400, "KeyTooLongError", "Your key is too long");
    const auto checksum = UploadChecksum::requested(call.request.headers);
    auto headers = kept_headers(call);
    Upload upload{.object = {.bucket = bucket.name, .key = key, .headers = std::move(headers)},
                  .checksum = checksum};
    store.create_upload(upload);
    Xml xml;
    xml.open("InitiateMultipartUploadResult", xml_namespace);
    xml.text("Bucket", bucket.name);
    xml.text("Key", key);
    xml.text("UploadId", upload.id);
    xml.close("InitiateMultipartUploadResult");
    auto response = xml_answer(xml);
    tell_encryption(response);
    if (upload.checksum) {
        response.headers.set("x-amz-checksum-algorithm", to_upper(upload.checksum->algorithm));
        response.headers.set("x-amz-checksum-type", std::string(upload.checksum->type()));
    }
    return response;
}

http::Response upload_part(S3Store& store, AccessControl&, Call& call)
{
    const auto part = put_part(store, call);
    http::Response response;
    response.headers.set("etag", quoted_etag(part.etag));
    for (const auto& [name, value] : part.checksums)
        response.headers.set(name, value);
    tell_encryption(response);
    return response;
}

/// Does the body's Part give this part's own ETag, and no checksum that is not its own? One of
/// another algorithm is none of its own.
bool names_part(const pugi::xml_node& item, const Part& part)
{
    std::string_view etag = item.child_value("ETag");
    if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
        etag = etag.substr(1, etag.size() - 2);
    std::map<std::string, std::string> own;
    for (const auto& [name, value] : part.checksums)
        own[checksum_element(name)] = value;
    return part.etag == etag && std::ranges::all_of(item.children(), [&](const auto& given) {
               const std::string_view name = given.name();
               const auto found = own.find(std::string(name));
               return !name.starts_with("Checksum") ||
                      (found != own.end() && found->second == given.child_value());
           });
}

/// The parts that the body lists, which have to be there and in order.
std::vector<Part> chosen_parts(const Call& call, const std::vector<Part>& sent)
{
    pugi::xml_document document;
    const auto& body = call.request.body;
    const auto parsed = document.load_buffer(body.data(), body.size());
    std::vector<Part> chosen;
    for (const auto& item : document.child("CompleteMultipartUpload").children("Part")) {
        const auto number = part_number(item.child_value("PartNumber"));
        const auto found = std::ranges::find(sent, number, &Part::number);
        if (found == sent.end() || !names_part(item, *found))
            throw ServiceError(400, "InvalidPart",
                               "One or more of the specified parts could not be found. The part "
                               "may not have been uploaded, or the specified entity tag may not "
                               "match the part's entity tag.");
        if (!chosen.empty() && chosen.back().number >= number)
            throw ServiceError(400, "InvalidPartOrder",
                               "The list of parts was not in ascending order. Parts must be "
                               "ordered by part number.");
        if (!chosen.empty() && chosen.back().size < least_part_bytes)
            throw ServiceError(400, "EntityTooSmall",
                               "Your proposed upload is smaller than the minimum allowed size");
        chosen.push_back(*found);
    }
    if (!parsed || chosen.empty())
        throw ServiceError(400, "MalformedXML",
                           "The XML you provided was not well-formed or did not validate against "
                           "our published schema");
    return chosen;
}

/// What the request says of the whole object has to be true. Source: Amazon S3 API Reference,
/// CompleteMultipartUpload.
void check_claims(const Call& call, const Upload& upload, const std::vector<Part>& chosen)
{
    const auto& headers = call.request.headers;
    constexpr std::string_view prefix = "x-amz-checksum-";
    const auto own = upload.checksum ? upload.checksum->header() : std::string();
    for (const auto& [name, value] : headers)
        if (const auto lower = to_lower(name);
            lower.starts_with(prefix) && lower != own &&
            !body_checksum(lower.substr(prefix.size()), {}).empty())
            throw ServiceError(400, "InvalidRequest",
                               "The upload was not created with the checksum algorithm of " + name +
                                   ".");
    const auto type = headers.find("x-amz-checksum-type");
    if (type && (!upload.checksum || *type != upload.checksum->type()))
        throw ServiceError(400, "InvalidRequest",
                           "The upload was not created with the checksum type " +
                               std::string(*type) + ".");
    std::uint64_t size = 0;
    for (const auto& part : chosen)
        size += part.size;
    const auto claimed = headers.find("x-amz-mp-object-size");
    if (claimed && parse_number<std::uint64_t>(*claimed) != size)
        throw ServiceError(400, "InvalidRequest",
                           "The provided 'x-amz-mp-object-size' header value does not match what "
                           "was computed: " +
                               std::to_string(size));
}

/// Gives the object the upload's checksum, which has to be the one that the request gives, if any.
void add_checksum(const Call& call, const Upload& upload, const std::vector<Part>& chosen,
                  std::string_view content, Object& object)
{
    if (!upload.checksum)
        return;
    const auto& checksum = *upload.checksum;
    const auto value = checksum.of(chosen, content);
    const auto given = call.request.headers.find(checksum.header());
    if (given && *given != value &&
        std::string(*given) + "-" + std::to_string(chosen.size()) != value)
        throw ServiceError(400, "BadDigest",
                           "The " + checksum.algorithm +
                               " you specified did not match the calculated checksum.");
    object.headers[checksum.header()] = value;
    object.headers["x-amz-checksum-type"] = checksum.type();
}

http::Response completed(const Call& call, const Object& object)
{
    Xml xml;
    xml.open("CompleteMultipartUploadResult", xml_namespace);
    xml.text("Location", call.endpoint + "/" + object.bucket + "/" + object.key);
    xml.text("Bucket", object.bucket);
    xml.text("Key", object.key);
    xml.text("ETag", quoted_etag(object.etag));
    for (const auto& [name, value] : object.headers)
        if (name == "x-amz-checksum-type")
            xml.text("ChecksumType", value);
        else if (name.starts_with("x-amz-checksum-"))
            xml.text(checksum_element(name), value);
    xml.close("CompleteMultipartUploadResult");
    auto response = xml_answer(xml);
    tell_encryption(response);
    return response;
}

http::Response complete_upload(S3Store& store, AccessControl&, Call& call)
{
    const auto before = store.completed_upload(call.parameter("uploadId").value_or(""));
    if (before && before->bucket == call.label("Bucket") && before->key == call.label("Key"))
        return completed(call, *before);
    const auto upload = need_upload(store, call);
    const auto chosen = chosen_parts(call, store.parts(upload.id));
    check_claims(call, upload, chosen);
    auto object = upload.object;
    store.complete_upload(
        upload, chosen, object,
        [&](const std::optional<Object>& existing) {
            check_write_conditions(call.request.headers, existing, object.key);
        },
        [&](std::string_view content) { add_checksum(call, upload, chosen, content, object); });
    return completed(call, object);
}

http::Response abort_upload(S3Store& store, AccessControl&, Call& call)
{
    store.abort_upload(need_upload(store, call).id);
    return no_content();
}

void write_checksum_of_upload(Xml& xml, const Upload& upload)
{
    if (!upload.checksum)
        return;
    xml.text("ChecksumAlgorithm", to_upper(upload.checksum->algorithm));
    xml.text("ChecksumType", upload.checksum->type());
}

http::Response list_parts(S3Store& store, AccessControl&, Call& call)
{
    const auto upload = need_upload(store, call);
    const auto after = whole_number(call, "part-number-marker", 0);
    const auto limit =
        static_cast<std::size_t>(std::min(whole_number(call, "max-parts", 1000), 1000));
    auto parts = store.parts(upload.id, after, limit + 1);
    const bool is_truncated = parts.size() > limit;
    if (is_truncated)
        parts.resize(limit);
    Xml xml;
    xml.open("ListPartsResult", xml_namespace);
    xml.text("Bucket", upload.object.bucket);
    xml.text("Key", upload.object.key);
    xml.text("UploadId", upload.id);
    xml.text("StorageClass", "STANDARD");
    xml.text("PartNumberMarker", std::to_string(after));
    xml.text("NextPartNumberMarker", std::to_string(parts.empty() ? 0 : parts.back().number));
    xml.text("MaxParts", std::to_string(limit));
    xml.text("IsTruncated", is_truncated ? "true" : "false");
    write_checksum_of_upload(xml, upload);
    for (const auto& part : parts)
        xml.group("Part", [&](Xml& item) {
            item.text("PartNumber", std::to_string(part.number));
            item.text("LastModified", format_iso8601_milliseconds(part.modified));
            item.text("ETag", quoted_etag(part.etag));
            item.text("Size", std::to_string(part.size));
            for (const auto& [name, value] : part.checksums)
                item.text(checksum_element(name), value);
        });
    xml.close("ListPartsResult");
    return xml_answer(xml);
}

http::Response list_uploads(S3Store& store, AccessControl&, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    if (call.parameter("delimiter"))
        throw ServiceError(501, "NotImplemented",
                           "The local cloud does not fold uploads: leave out the delimiter");
    const auto prefix = call.parameter("prefix").value_or("");
    const auto key_marker = call.parameter("key-marker").value_or("");
    const auto id_marker = call.parameter("upload-id-marker").value_or("");
    const bool is_encoded = wants_encoded_keys(call);
    const auto encoded = [&](const std::string& text) {
        return is_encoded ? percent_encode(text, true) : text;
    };
    const auto limit =
        static_cast<std::size_t>(std::min(whole_number(call, "max-uploads", 1000), 1000));
    const auto listing = store.list_uploads(bucket.name, prefix, key_marker, id_marker, limit);
    Xml xml;
    xml.open("ListMultipartUploadsResult", xml_namespace);
    xml.text("Bucket", bucket.name);
    xml.text("KeyMarker", encoded(key_marker));
    xml.text("UploadIdMarker", id_marker);
    xml.text("Prefix", encoded(prefix));
    xml.text("MaxUploads", std::to_string(limit));
    if (is_encoded)
        xml.text("EncodingType", "url");
    xml.text("IsTruncated", listing.truncated ? "true" : "false");
    if (listing.truncated && !listing.uploads.empty()) {
        xml.text("NextKeyMarker", encoded(listing.uploads.back().object.key));
        xml.text("NextUploadIdMarker", listing.uploads.back().id);
    }
    for (const auto& upload : listing.uploads)
        xml.group("Upload", [&](Xml& item) {
            item.text("UploadId", upload.id);
            item.text("Key", encoded(upload.object.key));
            item.text("Initiated", format_iso8601_milliseconds(upload.initiated));
            item.text("StorageClass", "STANDARD");
            write_checksum_of_upload(item, upload);
        });
    xml.close("ListMultipartUploadsResult");
    return xml_answer(xml);
}

} // namespace

Part s3_api::put_part(S3Store& store, const Call& call)
{
    const auto upload = need_upload(store, call);
    const auto number = part_number(call.parameter("partNumber").value_or(""));
    Part part{.number = number,
              .checksums = check_body_digests(call.request.headers, call.request.body)};
    if (upload.checksum)
        part.checksums.try_emplace(upload.checksum->header(),
                                   body_checksum(upload.checksum->algorithm, call.request.body));
    if (!store.put_part(upload.id, call.request.body, part))
        throw_no_upload(upload.id);
    return part;
}

std::vector<Operation> s3_upload_operations(S3Store& store, AccessControl& access)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(S3Store&, AccessControl&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = object_resource,
                         .answer = Answer([&store, &access, answer_call](Call& call) {
                             return answer_call(store, access, call);
                         })};
    };
    constexpr std::string_view upload = "/{Bucket}/{Key+}?uploadId";
    auto part = entry("UploadPart", "PUT", upload, "s3:PutObject", upload_part);
    part.body = Body::blob;
    auto part_copy = entry("UploadPartCopy", "PUT", upload, "s3:PutObject", s3_upload_part_copy);
    part_copy.header = "x-amz-copy-source";
    auto uploads = entry("ListMultipartUploads", "GET", "/{Bucket}?uploads",
                         "s3:ListBucketMultipartUploads", list_uploads);
    uploads.resource = bucket_resource;
    return {
        uploads,
        entry("CreateMultipartUpload", "POST", "/{Bucket}/{Key+}?uploads", "s3:PutObject",
              create_upload),
        part_copy,
        part,
        entry("CompleteMultipartUpload", "POST", upload, "s3:PutObject", complete_upload),
        entry("AbortMultipartUpload", "DELETE", upload, "s3:AbortMultipartUpload", abort_upload),
        entry("ListParts", "GET", upload, "s3:ListMultipartUploadParts", list_parts),
    };
}

} // namespace nimbus::local

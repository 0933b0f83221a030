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
Object need_upload(S3Store& store, const Call& call, std::string& id)
{
    need_bucket(store, call.label("Bucket"));
    id = call.parameter("uploadId").value_or("");
    auto object = store.find_upload(id);
    if (!object || object->bucket != call.label("Bucket") || object->key != call.label("Key"))
        throw_no_upload(id);
    return std::move(*object);
}

int part_number(const std::string& text)
{
    const auto number = parse_number<int>(text);
    if (!number || *number < 1 || *number > most_parts)
        throw ServiceError(400, "InvalidArgument",
                           "Part number must be an integer between 1 and 10000, inclusive");
    return *number;
}

http::Response create_upload(S3Store& store, Call& call)
{
    refuse_object_headers(call);
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto& key = call.label("Key");
    if (key.size() > 1024)
        throw ServiceError(400, "KeyTooLongError", "Your key is too long");
    const auto id =
        store.create_upload({.bucket = bucket.name, .key = key, .headers = kept_headers(call)});
    Xml xml;
    xml.open("InitiateMultipartUploadResult", xml_namespace);
    xml.text("Bucket", bucket.name);
    xml.text("Key", key);
    xml.text("UploadId", id);
    xml.close("InitiateMultipartUploadResult");
    return xml_answer(xml);
}

http::Response upload_part(S3Store& store, Call& call)
{
    if (call.request.headers.contains("x-amz-copy-source"))
        throw ServiceError(501, "NotImplemented",
                           "The local cloud does not copy parts of objects: upload the part.");
    std::string id;
    need_upload(store, call, id);
    const auto number = part_number(call.parameter("partNumber").value_or(""));
    const auto checksums = check_body_digests(call.request.headers, call.request.body);
    Part part;
    if (!store.put_part(id, number, call.request.body, part))
        throw_no_upload(id);
    http::Response response;
    response.headers.set("etag", quoted_etag(part.etag));
    for (const auto& [name, value] : checksums)
        response.headers.set(name, value);
    return response;
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
        std::string_view etag = item.child_value("ETag");
        if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
            etag = etag.substr(1, etag.size() - 2);
        const auto found = std::ranges::find(sent, number, &Part::number);
        if (found == sent.end() || found->etag != etag)
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

http::Response complete_upload(S3Store& store, Call& call)
{
    std::string id;
    auto object = need_upload(store, call, id);
    const auto chosen = chosen_parts(call, store.parts(id));
    store.complete_upload(id, chosen, object, [&](const std::optional<Object>& existing) {
        check_write_conditions(call.request.headers, existing, object.key);
    });
    Xml xml;
    xml.open("CompleteMultipartUploadResult", xml_namespace);
    xml.text("Location", call.endpoint + "/" + object.bucket + "/" + object.key);
    xml.text("Bucket", object.bucket);
    xml.text("Key", object.key);
    xml.text("ETag", quoted_etag(object.etag));
    xml.close("CompleteMultipartUploadResult");
    return xml_answer(xml);
}

http::Response abort_upload(S3Store& store, Call& call)
{
    std::string id;
    need_upload(store, call, id);
    store.abort_upload(id);
    return no_content();
}

http::Response list_parts(S3Store& store, Call& call)
{
    std::string id;
    const auto object = need_upload(store, call, id);
    Xml xml;
    xml.open("ListPartsResult", xml_namespace);
    xml.text("Bucket", object.bucket);
    xml.text("Key", object.key);
    xml.text("UploadId", id);
    xml.text("StorageClass", "STANDARD");
    xml.text("MaxParts", std::to_string(most_parts));
    xml.text("IsTruncated", "false");
    for (const auto& part : store.parts(id))
        xml.group("Part", [&](Xml& item) {
            item.text("PartNumber", std::to_string(part.number));
            item.text("ETag", quoted_etag(part.etag));
            item.text("Size", std::to_string(part.size));
        });
    xml.close("ListPartsResult");
    return xml_answer(xml);
}

} // namespace

std::vector<Operation> s3_upload_operations(S3Store& store)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(S3Store&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = object_resource,
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    constexpr std::string_view upload = "/{Bucket}/{Key+}?uploadId";
    return {
        entry("CreateMultipartUpload", "POST", "/{Bucket}/{Key+}?uploads", "s3:PutObject",
              create_upload),
        entry("UploadPart", "PUT", upload, "s3:PutObject", upload_part),
        entry("CompleteMultipartUpload", "POST", upload, "s3:PutObject", complete_upload),
        entry("AbortMultipartUpload", "DELETE", upload, "s3:AbortMultipartUpload", abort_upload),
        entry("ListParts", "GET", upload, "s3:ListMultipartUploadParts", list_parts),
    };
}

} // namespace nimbus::local

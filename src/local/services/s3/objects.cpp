#include "base/number.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

#include <pugixml.hpp>

namespace nimbus::local {
namespace {

using namespace s3_api;

struct Span {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

/// One range of bytes (RFC 9110 section 14.1.2); a header of another form is ignored. Throws
/// InvalidRange.
std::optional<Span> requested_span(const Call& call, std::uint64_t size)
{
    auto text = call.request.headers.get("range");
    if (!text.starts_with("bytes=") || text.find(',') != std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(6);
    const auto dash = text.find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto first = parse_number<std::uint64_t>(text.substr(0, dash));
    const auto last = parse_number<std::uint64_t>(text.substr(dash + 1));
    const auto invalid = [&] {
        throw ServiceError(416, "InvalidRange", "The requested range is not satisfiable",
                           {{"ActualObjectSize", std::to_string(size)}});
    };
    if (!first) {
        if (!last)
            return std::nullopt;
        if (*last == 0 || size == 0)
            invalid();
        const auto length = std::min(*last, size);
        return Span{size - length, length};
    }
    if (last && *last < *first)
        return std::nullopt;
    if (*first >= size)
        invalid();
    return Span{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

void tell_span(const Span& span, const Object& object, http::Response& response)
{
    response.status = 206;
    response.headers.set("content-range", "bytes " + std::to_string(span.first) + "-" +
                                              std::to_string(span.first + span.length - 1) + "/" +
                                              std::to_string(object.size));
}

http::Response describe(const Call& call, const Object& object)
{
    http::Response response;
    auto& headers = response.headers;
    for (const auto& [name, value] : object.headers)
        if (!name.starts_with("x-amz-checksum-"))
            headers.set(name, value);
    headers.set("etag", quoted_etag(object.etag));
    headers.set("last-modified", format_http_date(object.modified));
    headers.set("accept-ranges", "bytes");
    tell_encryption(response);
    constexpr std::array<std::string_view, 6> asked_for{
        "response-cache-control",    "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type",        "response-expires"};
    for (const auto& [name, value] : call.query)
        if (std::ranges::find(asked_for, name) != asked_for.end())
            headers.set(name.substr(std::string_view("response-").size()), value);
    return response;
}

void add_checksums(const Call& call, const Object& object, http::Response& response)
{
    if (!iequals(call.request.headers.get("x-amz-checksum-mode"), "enabled"))
        return;
    for (const auto& [name, value] : object.headers)
        if (name.starts_with("x-amz-checksum-"))
            response.headers.set(name, value);
    if (response.headers.contains("x-amz-checksum-type"))
        return;
    for (const auto& [name, value] : object.headers)
        if (name.starts_with("x-amz-checksum-"))
            response.headers.set("x-amz-checksum-type", "FULL_OBJECT");
}

/// Who may not list the bucket is not told that an object is missing. Source: S3's API reference,
/// GetObject, "Permissions".
[[noreturn]] void throw_missing(AccessControl& access, const Call& call)
{
    const auto decision = access.authorize(call.caller, "s3:ListBucket", bucket_resource(call),
                                           condition_context(call));
    if (!decision.allowed)
        throw ServiceError(403, "AccessDenied", decision.explanation);
    throw_no_such_key(call.label("Key"));
}

Object need_object(S3Store& store, AccessControl& access, const Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    auto object = store.find(bucket.name, call.label("Key"));
    if (!object)
        throw_missing(access, call);
    return std::move(*object);
}

http::Response get_object(S3Store& store, AccessControl& access, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto held = store.find_and_hold(bucket.name, call.label("Key"));
    if (!held)
        throw_missing(access, call);
    const auto& object = held->object;
    auto response = describe(call, object);
    if (!read_conditions_hold(call.request.headers, object)) {
        response.status = 304;
        return response;
    }
    if (const auto span = requested_span(call, object.size)) {
        tell_span(*span, object, response);
        response.body = store.blobs().read(object.blob, span->first, span->length);
    } else {
        response.body = store.blobs().read(object.blob);
        add_checksums(call, object, response);
    }
    return response;
}

http::Response head_object(S3Store& store, AccessControl& access, Call& call)
{
    const auto object = need_object(store, access, call);
    auto response = describe(call, object);
    if (!read_conditions_hold(call.request.headers, object)) {
        response.status = 304;
        return response;
    }
    if (const auto span = requested_span(call, object.size)) {
        tell_span(*span, object, response);
        response.headers.set("content-length", std::to_string(span->length));
    } else {
        add_checksums(call, object, response);
        response.headers.set("content-length", std::to_string(object.size));
    }
    return response;
}

http::Response delete_object(S3Store& store, AccessControl&, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const auto& key = call.label("Key");
    store.erase(bucket.name, key, [&](const std::optional<Object>& existing) {
        check_write_conditions(call.request.headers, existing, key);
    });
    return no_content();
}

void delete_one(S3Store& store, AccessControl& access, const Call& call, const std::string& key,
                const std::string& etag)
{
    const auto decision =
        access.authorize(call.caller, "s3:DeleteObject", bucket_resource(call) + "/" + key);
    if (!decision.allowed)
        throw ServiceError(403, "AccessDenied", decision.explanation);
    store.erase(call.label("Bucket"), key, [&](const std::optional<Object>& existing) {
        if (!etag.empty() && (!existing || quoted_etag(existing->etag) != etag))
            throw_precondition_failed("If-Match");
    });
}

http::Response delete_objects(S3Store& store, AccessControl& access, Call& call)
{
    need_bucket(store, call.label("Bucket"));
    check_body_digests(call.request.headers, call.request.body);
    pugi::xml_document document;
    const auto& body = call.request.body;
    const auto parsed =
        document.load_buffer(body.data(), body.size(), pugi::parse_default | pugi::parse_ws_pcdata);
    const auto root = document.child("Delete");
    const auto objects = root.children("Object");
    if (!parsed || objects.empty() || std::distance(objects.begin(), objects.end()) > 1000)
        throw ServiceError(400, "MalformedXML",
                           "The XML you provided was not well-formed or did not validate against "
                           "our published schema");
    const auto quiet = root.child("Quiet").text().as_bool();
    Xml xml;
    xml.open("DeleteResult", xml_namespace);
    for (const auto& item : objects) {
        const std::string key = item.child_value("Key");
        try {
            delete_one(store, access, call, key, item.child_value("ETag"));
            if (!quiet)
                xml.group("Deleted", [&](Xml& deleted) { deleted.text("Key", key); });
        } catch (const ServiceError& error) {
            xml.group("Error", [&](Xml& failed) {
                failed.text("Key", key);
                failed.text("Code", error.code);
                failed.text("Message", error.what());
            });
        }
    }
    xml.close("DeleteResult");
    return xml_answer(xml);
}

} // namespace

std::vector<Operation> s3_object_operations(S3Store& store, AccessControl& access)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view action,
                           http::Response (*answer_call)(S3Store&, AccessControl&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = "/{Bucket}/{Key+}",
                         .action = action,
                         .resource = object_resource,
                         .body = Body::blob,
                         .answer = Answer([&store, &access, answer_call](Call& call) {
                             return answer_call(store, access, call);
                         })};
    };
    auto copy = entry("CopyObject", "PUT", "s3:PutObject", s3_copy_object);
    copy.header = "x-amz-copy-source";
    return {
        entry("GetObject", "GET", "s3:GetObject", get_object),
        entry("HeadObject", "HEAD", "s3:GetObject", head_object),
        entry("DeleteObject", "DELETE", "s3:DeleteObject", delete_object),
        copy,
        entry("PutObject", "PUT", "s3:PutObject", s3_put_object),
        // Each key is authorized by itself.
        {.name = "DeleteObjects",
         .method = "POST",
         .path = "/{Bucket}?delete",
         .answer =
             Answer([&store, &access](Call& call) { return delete_objects(store, access, call); })},
    };
}

} // namespace nimbus::local

#include "aws/ops/s3/objects.h"

#include "aws/ops/rest.h"
#include "aws/ops/xml_protocol.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/number.h"
#include "crypto/digest.h"

namespace nimbus::aws::s3 {
namespace {

Encoded object_request(std::string method, const std::string& bucket, const std::string& key)
{
    return {.method = std::move(method), .path = "/" + path_segment(key, true), .bucket = bucket};
}

void add_header(Encoded& request, std::string name, const std::string& value)
{
    if (!value.empty())
        request.headers.add(std::move(name), value);
}

std::string header(const http::Response& response, std::string_view name)
{
    return std::string(response.headers.get(name));
}

std::int64_t to_size(std::string_view text)
{
    const auto size = parse_number<std::int64_t>(text);
    if (!size || *size < 0)
        throw Error("the answer has a size that is not a number: " + std::string(text));
    return *size;
}

} // namespace

Encoded PutObject::encode() const
{
    auto request = object_request("PUT", bucket, key);
    add_header(request, "Content-Type", content_type);
    add_header(request, "If-Match", if_match);
    add_header(request, "If-None-Match", if_none_match);
    // A bucket with Object Lock takes nothing without; S3 refuses what arrives otherwise.
    request.headers.add("x-amz-sdk-checksum-algorithm", "SHA256");
    request.headers.add("x-amz-checksum-sha256", base64_encode(crypto::sha256(body)));
    request.body = body;
    return request;
}

PutObject::Response PutObject::decode(const http::Response& response)
{
    return {.etag = header(response, "ETag")};
}

Encoded GetObject::encode() const
{
    auto request = object_request("GET", bucket, key);
    add_header(request, "If-Match", if_match);
    return request;
}

GetObject::Response GetObject::decode(http::Response response)
{
    return {.body = std::move(response.body),
            .etag = header(response, "ETag"),
            .content_type = header(response, "Content-Type"),
            .last_modified =
                parse_http_date(header(response, "Last-Modified")).value_or(system_now()),
            .answered_at = parse_http_date(header(response, "Date"))};
}

Encoded HeadObject::encode() const
{
    return object_request("HEAD", bucket, key);
}

HeadObject::Response HeadObject::decode(const http::Response& response)
{
    return {.etag = header(response, "ETag"),
            .content_type = header(response, "Content-Type"),
            .content_length = to_size(response.headers.find("Content-Length").value_or("0"))};
}

Encoded DeleteObject::encode() const
{
    auto request = object_request("DELETE", bucket, key);
    add_header(request, "If-Match", if_match);
    return request;
}

Encoded ListObjectsV2::encode() const
{
    Encoded request{.method = "GET", .path = "/", .query = {{"list-type", "2"}}, .bucket = bucket};
    add_query(request, "prefix", prefix);
    add_query(request, "delimiter", delimiter);
    add_query(request, "max-keys", max_keys);
    add_query(request, "continuation-token", next_token);
    request.query.emplace_back("encoding-type", "url"); // keys may hold what XML cannot
    return request;
}

ListObjectsV2::Response ListObjectsV2::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = document.child("ListBucketResult");
    if (!result)
        throw Error("the answer has no ListBucketResult");
    const bool encoded = text_of(result, "EncodingType") == "url";
    const auto decoded = [encoded](const std::string& text) {
        return encoded ? percent_decode(text, true) : text;
    };
    Response page;
    for (const auto& item : result.children("Contents"))
        page.objects.push_back({.key = decoded(required_text(item, "Key")),
                                .etag = text_of(item, "ETag"),
                                .size = to_size(required_text(item, "Size")),
                                .last_modified = required_time(item, "LastModified")});
    for (const auto& item : result.children("CommonPrefixes"))
        page.common_prefixes.push_back(decoded(required_text(item, "Prefix")));
    page.next_token = next_marker(result, "NextContinuationToken");
    return page;
}

} // namespace nimbus::aws::s3

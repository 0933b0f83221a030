#include "base/encoding.h"
#include "base/number.h"
#include "local/services/answers.h"
#include "local/services/s3/s3_service.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace s3_api;

/// The parameters that both versions of the operation share.
struct Query {
    std::string prefix;
    std::string delimiter;
    std::size_t max_keys = 1000;
    bool encode = false;

    explicit Query(const Call& call)
        : prefix(call.parameter("prefix").value_or("")),
          delimiter(call.parameter("delimiter").value_or("")), encode(wants_encoded_keys(call))
    {
        max_keys = static_cast<std::size_t>(std::min(whole_number(call, "max-keys", 1000), 1000));
    }

    std::string encoded(const std::string& text) const
    {
        return encode ? percent_encode(text, true) : text;
    }
};

Listing fetch(S3Store& store, const std::string& bucket, const Query& query,
              const std::string& after)
{
    if (query.max_keys == 0)
        return {};
    return store.list(bucket, query.prefix, query.delimiter, after, query.max_keys);
}

void write_common(Xml& xml, const Call& call, const Query& query, const Listing& listing,
                  bool with_owner)
{
    xml.text("Name", call.label("Bucket"));
    xml.text("Prefix", query.encoded(query.prefix));
    if (!query.delimiter.empty())
        xml.text("Delimiter", query.encoded(query.delimiter));
    xml.text("MaxKeys", std::to_string(query.max_keys));
    if (query.encode)
        xml.text("EncodingType", "url");
    xml.text("IsTruncated", listing.truncated ? "true" : "false");
    for (const auto& object : listing.objects)
        xml.group("Contents", [&](Xml& item) {
            item.text("Key", query.encoded(object.key));
            item.text("LastModified", format_iso8601_milliseconds(object.modified));
            item.text("ETag", quoted_etag(object.etag));
            item.text("Size", std::to_string(object.size));
            item.text("StorageClass", "STANDARD");
            if (with_owner)
                item.group("Owner", [&](Xml& owner) { owner.text("ID", call.account_id); });
        });
    for (const auto& prefix : listing.common_prefixes)
        xml.group("CommonPrefixes", [&](Xml& item) { item.text("Prefix", query.encoded(prefix)); });
}

http::Response list_v2(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const Query query(call);
    const auto start_after = call.parameter("start-after").value_or("");
    const auto token = call.parameter("continuation-token");
    auto after = start_after;
    if (token) {
        const auto decoded = base64_decode(*token);
        if (!decoded || decoded->empty())
            throw ServiceError(400, "InvalidArgument",
                               "The continuation token provided is incorrect");
        after = *decoded;
    }
    const auto listing = fetch(store, bucket.name, query, after);
    Xml xml;
    xml.open("ListBucketResult", xml_namespace);
    write_common(xml, call, query, listing, call.parameter("fetch-owner") == "true");
    xml.text("KeyCount", std::to_string(listing.objects.size() + listing.common_prefixes.size()));
    if (token)
        xml.text("ContinuationToken", *token);
    if (!start_after.empty())
        xml.text("StartAfter", query.encoded(start_after));
    if (listing.truncated)
        xml.text("NextContinuationToken", base64_encode(listing.last));
    xml.close("ListBucketResult");
    return xml_answer(xml);
}

http::Response list_v1(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    const Query query(call);
    const auto marker = call.parameter("marker").value_or("");
    const auto listing = fetch(store, bucket.name, query, marker);
    Xml xml;
    xml.open("ListBucketResult", xml_namespace);
    xml.text("Marker", query.encoded(marker));
    write_common(xml, call, query, listing, true);
    if (listing.truncated && !query.delimiter.empty())
        xml.text("NextMarker", query.encoded(listing.last));
    xml.close("ListBucketResult");
    return xml_answer(xml);
}

} // namespace

bool s3_api::wants_encoded_keys(const Call& call)
{
    const auto type = call.parameter("encoding-type");
    if (type && *type != "url")
        throw ServiceError(400, "InvalidArgument", "Invalid Encoding Method specified in Request",
                           {{"ArgumentName", "encoding-type"}, {"ArgumentValue", *type}});
    return type.has_value();
}

int s3_api::whole_number(const Call& call, std::string_view name, int otherwise)
{
    const auto text = call.parameter(name);
    const auto number = text ? parse_number<int>(*text) : std::optional(otherwise);
    if (!number || *number < 0)
        throw ServiceError(400, "InvalidArgument",
                           "Provided " + std::string(name) +
                               " not an integer or within integer range");
    return *number;
}

std::vector<Operation> s3_listing_operations(S3Store& store)
{
    const auto entry = [&](std::string_view name, std::string_view path,
                           http::Response (*answer_call)(S3Store&, Call&)) {
        return Operation{.name = name,
                         .method = "GET",
                         .path = path,
                         .action = "s3:ListBucket",
                         .resource = bucket_resource,
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    return {
        entry("ListObjectsV2", "/{Bucket}?list-type=2", list_v2),
        entry("ListObjects", "/{Bucket}", list_v1),
    };
}

} // namespace nimbus::local

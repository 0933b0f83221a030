#include "base/encoding.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"

#include <pugixml.hpp>

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

using namespace s3_api;

constexpr int most_buckets = 10'000;

pugi::xml_document parse_body(const Call& call)
{
    check_body_digests(call.request.headers, call.request.body);
    pugi::xml_document document;
    if (!document.load_buffer(call.request.body.data(), call.request.body.size()))
        throw ServiceError(400, "MalformedXML",
                           "The XML you provided was not well-formed or did not validate against "
                           "our published schema");
    return document;
}

bool is_address(std::string_view name)
{
    const auto parts = split(name, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               return !part.empty() &&
                      std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
           });
}

bool is_bucket_name(std::string_view name)
{
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return name.size() >= 3 && name.size() <= 63 && alphanumeric(name.front()) &&
           alphanumeric(name.back()) && name.find("..") == std::string_view::npos &&
           !is_address(name) && !name.starts_with("xn--") && !name.ends_with("-s3alias") &&
           std::ranges::all_of(name,
                               [&](char c) { return alphanumeric(c) || c == '.' || c == '-'; });
}

/// A new bucket is private and has no ACL. Source: Amazon S3 API Reference, CreateBucket,
/// "Permissions".
void refuse_other_owners(const http::Headers& headers)
{
    if (const auto acl = headers.get("x-amz-acl"); !acl.empty() && acl != "private")
        throw ServiceError(400, "InvalidBucketAclWithObjectOwnership",
                           "Bucket cannot have ACLs set with ObjectOwnership's "
                           "BucketOwnerEnforced setting");
    const auto ownership = headers.get("x-amz-object-ownership");
    if (!ownership.empty() && ownership != "BucketOwnerEnforced")
        throw ServiceError(501, "NotImplemented",
                           "The local cloud has no ACLs: x-amz-object-ownership has to be "
                           "BucketOwnerEnforced");
}

constexpr std::array<const char*, 4> block_settings{"BlockPublicAcls", "IgnorePublicAcls",
                                                    "BlockPublicPolicy", "RestrictPublicBuckets"};

http::Response create_bucket(S3Store& store, Call& call)
{
    refuse_other_owners(call.request.headers);
    const auto& name = call.label("Bucket");
    if (!is_bucket_name(name))
        throw ServiceError(400, "InvalidBucketName", "The specified bucket is not valid.",
                           {{"BucketName", name}});
    std::string location = "us-east-1";
    if (!trim(call.request.body).empty()) {
        const auto document = parse_body(call);
        if (const std::string given =
                document.child("CreateBucketConfiguration").child_value("LocationConstraint");
            !given.empty())
            location = given == "EU" ? "eu-west-1" : given;
    }
    // The endpoint of us-east-1 is the global one, which makes buckets in every Region.
    if (location != call.region && call.region != "us-east-1")
        throw ServiceError(400, "IllegalLocationConstraintException",
                           "The " + (location == "us-east-1" ? "unspecified" : location) +
                               " location constraint is incompatible for the region specific "
                               "endpoint this request was sent to.");
    store.database().transaction([&] {
        if (store.find_bucket(name)) {
            if (call.region != "us-east-1")
                throw ServiceError(409, "BucketAlreadyOwnedByYou",
                                   "Your previous request to create the named bucket succeeded "
                                   "and you already own it.",
                                   {{"BucketName", name}});
            return; // us-east-1 answers 200 to its owner
        }
        if (store.buckets().size() >= static_cast<std::size_t>(most_buckets))
            throw ServiceError(400, "TooManyBuckets",
                               "You have attempted to create more buckets than allowed");
        Bucket bucket{.name = name, .region = location, .created = store.now()};
        // Since April 2023. Source: Amazon S3 User Guide, "Default settings for new S3 buckets
        // FAQ".
        for (const auto* setting : block_settings)
            bucket.public_access_block[setting] = true;
        store.put_bucket(bucket);
    });
    return {.headers = {{"location", "/" + name}}};
}

http::Response head_bucket(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    return {.headers = {{"x-amz-bucket-region", bucket.region}}};
}

http::Response delete_bucket(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    if (!store.erase_bucket(bucket.name))
        throw ServiceError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty",
                           {{"BucketName", bucket.name}});
    return no_content();
}

http::Response list_buckets(S3Store& store, Call& call)
{
    const auto prefix = call.parameter("prefix").value_or("");
    const auto region = call.parameter("bucket-region");
    const auto after = base64_decode(call.parameter("continuation-token").value_or(""));
    const auto limit = whole_number(call, "max-buckets", most_buckets);
    if (!after || limit < 1 || limit > most_buckets)
        throw ServiceError(400, "InvalidArgument",
                           after ? "max-buckets has to be from 1 to 10000"
                                 : "The continuation token provided is incorrect");
    auto buckets = store.buckets();
    std::erase_if(buckets, [&](const Bucket& bucket) {
        return !bucket.name.starts_with(prefix) || bucket.name <= *after ||
               (region && *region != bucket.region);
    });
    const bool is_truncated = buckets.size() > static_cast<std::size_t>(limit);
    if (is_truncated)
        buckets.resize(static_cast<std::size_t>(limit));
    Xml xml;
    xml.open("ListAllMyBucketsResult", xml_namespace);
    xml.group("Owner", [&](Xml& owner) { owner.text("ID", call.account_id); });
    xml.group("Buckets", [&](Xml& list) {
        for (const auto& bucket : buckets)
            list.group("Bucket", [&](Xml& item) {
                item.text("Name", bucket.name);
                item.text("CreationDate", format_iso8601_milliseconds(bucket.created));
                item.text("BucketRegion", bucket.region);
            });
    });
    if (is_truncated)
        xml.text("ContinuationToken", base64_encode(buckets.back().name));
    if (!prefix.empty())
        xml.text("Prefix", prefix);
    xml.close("ListAllMyBucketsResult");
    return xml_answer(xml);
}

http::Response get_location(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    Xml xml;
    xml.open("LocationConstraint", xml_namespace);
    const auto end = std::string("</LocationConstraint>");
    auto response = xml_answer(xml);
    // The region is the root element's own text; us-east-1 is written as none.
    response.body += (bucket.region == "us-east-1" ? "" : bucket.region) + end;
    return response;
}

http::Response get_tagging(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    if (bucket.tags.empty())
        throw ServiceError(404, "NoSuchTagSet", "The TagSet does not exist",
                           {{"BucketName", bucket.name}});
    Xml xml;
    xml.open("Tagging", xml_namespace);
    xml.group("TagSet", [&](Xml& set) {
        for (const auto& [key, value] : bucket.tags)
            set.group("Tag", [&](Xml& tag) {
                tag.text("Key", key);
                tag.text("Value", value);
            });
    });
    xml.close("Tagging");
    return xml_answer(xml);
}

http::Response put_tagging(S3Store& store, Call& call)
{
    const auto document = parse_body(call);
    std::map<std::string, std::string> tags;
    for (const auto& tag : document.child("Tagging").child("TagSet").children("Tag")) {
        const std::string key = tag.child_value("Key");
        const std::string value = tag.child_value("Value");
        if (key.empty() || key.size() > 128 || value.size() > 256 || key.starts_with("aws:"))
            throw ServiceError(400, "InvalidTag", "The tag provided was not a valid tag: " + key);
        if (!tags.emplace(key, value).second)
            throw ServiceError(400, "InvalidTag", "Cannot provide multiple Tags with the same key");
    }
    if (tags.size() > 50)
        throw ServiceError(400, "BadRequest", "Bucket tag count cannot be greater than 50");
    store.database().transaction([&] {
        auto bucket = need_bucket(store, call.label("Bucket"));
        bucket.tags = tags;
        store.put_bucket(bucket);
    });
    return no_content();
}

http::Response delete_tagging(S3Store& store, Call& call)
{
    store.database().transaction([&] {
        auto bucket = need_bucket(store, call.label("Bucket"));
        bucket.tags.clear();
        store.put_bucket(bucket);
    });
    return no_content();
}

http::Response get_public_access_block(S3Store& store, Call& call)
{
    const auto bucket = need_bucket(store, call.label("Bucket"));
    if (bucket.public_access_block.empty())
        throw ServiceError(404, "NoSuchPublicAccessBlockConfiguration",
                           "The public access block configuration was not found",
                           {{"BucketName", bucket.name}});
    Xml xml;
    xml.open("PublicAccessBlockConfiguration", xml_namespace);
    for (const auto* name : block_settings)
        xml.text(name,
                 bool_member(bucket.public_access_block, name).value_or(false) ? "true" : "false");
    xml.close("PublicAccessBlockConfiguration");
    return xml_answer(xml);
}

http::Response put_public_access_block(S3Store& store, Call& call)
{
    const auto document = parse_body(call);
    const auto root = document.child("PublicAccessBlockConfiguration");
    json::object settings;
    for (const auto* name : block_settings)
        settings[name] = root.child(name).text().as_bool();
    store.database().transaction([&] {
        auto bucket = need_bucket(store, call.label("Bucket"));
        bucket.public_access_block = settings;
        store.put_bucket(bucket);
    });
    return {};
}

http::Response delete_public_access_block(S3Store& store, Call& call)
{
    store.database().transaction([&] {
        auto bucket = need_bucket(store, call.label("Bucket"));
        bucket.public_access_block.clear();
        store.put_bucket(bucket);
    });
    return no_content();
}

http::Response get_versioning(S3Store& store, Call& call)
{
    need_bucket(store, call.label("Bucket"));
    Xml xml;
    xml.open("VersioningConfiguration", xml_namespace).close("VersioningConfiguration");
    return xml_answer(xml);
}

http::Response put_versioning(S3Store& store, Call& call)
{
    need_bucket(store, call.label("Bucket"));
    const auto document = parse_body(call);
    const auto configuration = document.child("VersioningConfiguration");
    const std::string status = configuration.child_value("Status");
    if (std::string_view(configuration.child_value("MfaDelete")) == "Enabled")
        throw ServiceError(501, "NotImplemented",
                           "The local cloud has no devices for MFA: MfaDelete cannot be enabled.");
    if (status == "Enabled")
        throw ServiceError(501, "NotImplemented",
                           "The local cloud keeps one version of each object: bucket versioning "
                           "cannot be enabled.");
    return {};
}

} // namespace

std::vector<Operation> s3_bucket_operations(S3Store& store)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(S3Store&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = bucket_resource,
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    auto list = entry("ListBuckets", "GET", "/", "s3:ListAllMyBuckets", list_buckets);
    list.resource = nullptr;
    return {
        list,
        entry("GetBucketLocation", "GET", "/{Bucket}?location", "s3:GetBucketLocation",
              get_location),
        entry("GetBucketTagging", "GET", "/{Bucket}?tagging", "s3:GetBucketTagging", get_tagging),
        entry("PutBucketTagging", "PUT", "/{Bucket}?tagging", "s3:PutBucketTagging", put_tagging),
        entry("DeleteBucketTagging", "DELETE", "/{Bucket}?tagging", "s3:PutBucketTagging",
              delete_tagging),
        entry("GetPublicAccessBlock", "GET", "/{Bucket}?publicAccessBlock",
              "s3:GetBucketPublicAccessBlock", get_public_access_block),
        entry("PutPublicAccessBlock", "PUT", "/{Bucket}?publicAccessBlock",
              "s3:PutBucketPublicAccessBlock", put_public_access_block),
        entry("DeletePublicAccessBlock", "DELETE", "/{Bucket}?publicAccessBlock",
              "s3:PutBucketPublicAccessBlock", delete_public_access_block),
        entry("GetBucketVersioning", "GET", "/{Bucket}?versioning", "s3:GetBucketVersioning",
              get_versioning),
        entry("PutBucketVersioning", "PUT", "/{Bucket}?versioning", "s3:PutBucketVersioning",
              put_versioning),
        entry("CreateBucket", "PUT", "/{Bucket}", "s3:CreateBucket", create_bucket),
        entry("HeadBucket", "HEAD", "/{Bucket}", "s3:ListBucket", head_bucket),
        entry("DeleteBucket", "DELETE", "/{Bucket}", "s3:DeleteBucket", delete_bucket),
    };
}

} // namespace nimbus::local

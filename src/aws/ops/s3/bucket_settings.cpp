#include "aws/ops/s3/bucket_settings.h"

#include "aws/ops/xml_protocol.h"
#include "base/encoding.h"
#include "crypto/digest.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace nimbus::aws::s3 {
namespace {

constexpr std::array block_settings{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                    "RestrictPublicBuckets"};

Encoded read_request(const std::string& bucket, const char* setting)
{
    return {.method = "GET", .path = "/", .query = {{setting, ""}}, .bucket = bucket};
}

/// Changes of a bucket's settings are refused without a checksum of the body.
Encoded setting_request(const std::string& bucket, const char* setting, std::string body,
                        const std::string& content_type)
{
    return {.method = "PUT",
            .path = "/",
            .query = {{setting, ""}},
            .headers = {{"Content-Type", content_type},
                        {"Content-MD5", base64_encode(crypto::md5(body))}},
            .body = std::move(body),
            .bucket = bucket};
}

Encoded setting_request(const std::string& bucket, const char* setting, const XmlBody& body)
{
    return setting_request(bucket, setting, body.text(), "application/xml");
}

std::string document_of(const pugi::xml_node& rule)
{
    std::ostringstream out;
    rule.print(out, "", pugi::format_raw);
    return out.str();
}

/// Rules of older programs have a Prefix of their own in place of a Filter.
std::string prefix_of(const pugi::xml_node& rule)
{
    const auto filter = rule.child("Filter");
    if (filter.child("And"))
        return text_of(filter.child("And"), "Prefix");
    return filter ? text_of(filter, "Prefix") : text_of(rule, "Prefix");
}

LifecycleRule read_rule(const pugi::xml_node& rule)
{
    return {.id = text_of(rule, "ID"),
            .enabled = text_of(rule, "Status") == "Enabled",
            .prefix = prefix_of(rule),
            .noncurrent_days =
                rule.child("NoncurrentVersionExpiration").child("NoncurrentDays").text().as_int(),
            .removes_delete_markers =
                text_of(rule.child("Expiration"), "ExpiredObjectDeleteMarker") == "true",
            .abort_uploads_days = rule.child("AbortIncompleteMultipartUpload")
                                      .child("DaysAfterInitiation")
                                      .text()
                                      .as_int(),
            .document = document_of(rule)};
}

void write_rule(pugi::xml_node parent, const LifecycleRule& rule)
{
    if (!rule.document.empty()) {
        parent.append_buffer(rule.document.data(), rule.document.size(), pugi::parse_default,
                             pugi::encoding_utf8);
        return;
    }
    auto node = parent.append_child("Rule");
    add_text(node, "ID", rule.id);
    add_text(node, "Status", rule.enabled ? "Enabled" : "Disabled");
    add_text(node.append_child("Filter"), "Prefix", rule.prefix);
    if (rule.removes_delete_markers)
        add_text(node.append_child("Expiration"), "ExpiredObjectDeleteMarker", "true");
    if (rule.noncurrent_days > 0)
        add_text(node.append_child("NoncurrentVersionExpiration"), "NoncurrentDays",
                 std::to_string(rule.noncurrent_days));
    if (rule.abort_uploads_days > 0)
        add_text(node.append_child("AbortIncompleteMultipartUpload"), "DaysAfterInitiation",
                 std::to_string(rule.abort_uploads_days));
}

} // namespace

Encoded GetPublicAccessBlock::encode() const
{
    return read_request(bucket, "publicAccessBlock");
}

GetPublicAccessBlock::Response GetPublicAccessBlock::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto root = document.document_element();
    return {.blocks_all = std::ranges::all_of(block_settings, [&](const char* name) {
                return root.child(name).text().as_bool();
            })};
}

Encoded PutPublicAccessBlock::encode() const
{
    const XmlBody body("PublicAccessBlockConfiguration");
    for (const char* setting : block_settings)
        add_text(body.root(), setting, "true");
    return setting_request(bucket, "publicAccessBlock", body);
}

Encoded GetBucketVersioning::encode() const
{
    return read_request(bucket, "versioning");
}

GetBucketVersioning::Response GetBucketVersioning::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    return {.enabled = text_of(document.document_element(), "Status") == "Enabled"};
}

Encoded PutBucketVersioning::encode() const
{
    const XmlBody body("VersioningConfiguration");
    add_text(body.root(), "Status", enabled ? "Enabled" : "Suspended");
    return setting_request(bucket, "versioning", body);
}

Encoded GetBucketEncryption::encode() const
{
    return read_request(bucket, "encryption");
}

GetBucketEncryption::Response GetBucketEncryption::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto applied =
        document.document_element().child("Rule").child("ApplyServerSideEncryptionByDefault");
    return {.algorithm = text_of(applied, "SSEAlgorithm"),
            .kms_key = text_of(applied, "KMSMasterKeyID")};
}

Encoded PutBucketEncryption::encode() const
{
    const XmlBody body("ServerSideEncryptionConfiguration");
    auto rule = body.root().append_child("Rule");
    auto applied = rule.append_child("ApplyServerSideEncryptionByDefault");
    add_text(applied, "SSEAlgorithm", kms_key.empty() ? "AES256" : "aws:kms");
    if (!kms_key.empty()) {
        add_text(applied, "KMSMasterKeyID", kms_key);
        add_text(rule, "BucketKeyEnabled", "true"); // S3 asks KMS less often, which is cheaper
    }
    return setting_request(bucket, "encryption", body);
}

Encoded GetBucketPolicy::encode() const
{
    return read_request(bucket, "policy");
}

GetBucketPolicy::Response GetBucketPolicy::decode(const http::Response& response)
{
    return {.policy = response.body};
}

Encoded PutBucketPolicy::encode() const
{
    return setting_request(bucket, "policy", policy, "application/json");
}

Encoded GetBucketLifecycleConfiguration::encode() const
{
    return read_request(bucket, "lifecycle");
}

GetBucketLifecycleConfiguration::Response
GetBucketLifecycleConfiguration::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    Response answer;
    for (const auto& rule : document.document_element().children("Rule"))
        answer.rules.push_back(read_rule(rule));
    return answer;
}

Encoded PutBucketLifecycleConfiguration::encode() const
{
    const XmlBody body("LifecycleConfiguration");
    for (const auto& rule : rules)
        write_rule(body.root(), rule);
    return setting_request(bucket, "lifecycle", body);
}

Encoded PutBucketTagging::encode() const
{
    const XmlBody body("Tagging");
    auto set = body.root().append_child("TagSet");
    for (const auto& [key, value] : tags) {
        auto tag = set.append_child("Tag");
        add_text(tag, "Key", key);
        add_text(tag, "Value", value);
    }
    return setting_request(bucket, "tagging", body);
}

} // namespace nimbus::aws::s3

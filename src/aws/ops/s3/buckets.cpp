#include "aws/ops/s3/buckets.h"

#include "aws/ops/xml_protocol.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace nimbus::aws::s3 {
namespace {

/// Changes of a bucket's settings are refused without a checksum of the body.
Encoded setting_request(const std::string& bucket, const char* setting, const XmlBody& body)
{
    std::string text = body.text();
    return {.method = "PUT",
            .path = "/",
            .query = {{setting, ""}},
            .headers = {{"Content-Type", "application/xml"},
                        {"Content-MD5", base64_encode(crypto::md5(text))}},
            .body = std::move(text),
            .bucket = bucket};
}

} // namespace

Encoded CreateBucket::encode() const
{
    Encoded request{.method = "PUT", .path = "/", .bucket = bucket};
    if (region.empty() || region == "us-east-1") // the default, which S3 refuses to hear
        return request;
    const XmlBody body("CreateBucketConfiguration");
    add_text(body.root(), "LocationConstraint", region);
    request.headers.add("Content-Type", "application/xml");
    request.body = body.text();
    return request;
}

Encoded HeadBucket::encode() const
{
    return {.method = "HEAD", .path = "/", .bucket = bucket};
}

HeadBucket::Response HeadBucket::decode(const http::Response& response)
{
    return {.region = std::string(response.headers.get("x-amz-bucket-region"))};
}

Encoded PutPublicAccessBlock::encode() const
{
    const XmlBody body("PublicAccessBlockConfiguration");
    for (const char* setting :
         {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"})
        add_text(body.root(), setting, "true");
    return setting_request(bucket, "publicAccessBlock", body);
}

Encoded PutBucketVersioning::encode() const
{
    const XmlBody body("VersioningConfiguration");
    add_text(body.root(), "Status", enabled ? "Enabled" : "Suspended");
    return setting_request(bucket, "versioning", body);
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

#include "aws/ops/s3/bucket_settings.h"
#include "base/encoding.h"
#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace nimbus::aws::s3 {
namespace {

constexpr std::string_view begin_of_rules =
    R"(<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";

void expect_setting(const Encoded& request, const std::string& setting, const std::string& body,
                    const std::string& content_type = "application/xml")
{
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.bucket, "b");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.query, (std::vector<std::pair<std::string, std::string>>{{setting, ""}}));
    EXPECT_EQ(request.headers.get("Content-Type"), content_type);
    EXPECT_EQ(request.headers.get("Content-MD5"), base64_encode(crypto::md5(request.body)));
    EXPECT_EQ(request.body, body);
}

void expect_read(const Encoded& request, const std::string& setting)
{
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.bucket, "b");
    EXPECT_EQ(request.query, (std::vector<std::pair<std::string, std::string>>{{setting, ""}}));
}

std::string block(const std::string& last)
{
    return "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
           "<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>"
           "<RestrictPublicBuckets>" +
           last + "</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
}

TEST(S3BucketSettings, GoWithAChecksum)
{
    expect_setting(
        PutPublicAccessBlock{.bucket = "b"}.encode(), "publicAccessBlock",
        R"(<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
        "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
        "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true"
        "</RestrictPublicBuckets></PublicAccessBlockConfiguration>");
    expect_setting(PutBucketVersioning{.bucket = "b"}.encode(), "versioning",
                   R"(<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
                   "<Status>Enabled</Status></VersioningConfiguration>");
    expect_setting(PutBucketTagging{.bucket = "b", .tags = {{"k", "a<b&c"}}}.encode(), "tagging",
                   R"(<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag>)"
                   "<Key>k</Key><Value>a&lt;b&amp;c</Value></Tag></TagSet></Tagging>");
    expect_setting(
        PutBucketEncryption{.bucket = "b"}.encode(), "encryption",
        R"(<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
        "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>");
    expect_setting(
        PutBucketEncryption{.bucket = "b", .kms_key = "arn:k"}.encode(), "encryption",
        R"(<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
        "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
        "<KMSMasterKeyID>arn:k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>"
        "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>");
    expect_setting(PutBucketPolicy{.bucket = "b", .policy = "{}"}.encode(), "policy", "{}",
                   "application/json");
    EXPECT_NE((PutBucketVersioning{.bucket = "b", .enabled = false}.encode().body)
                  .find("<Status>Suspended</Status>"),
              std::string::npos);
}

TEST(S3BucketSettings, AreRead)
{
    expect_read(GetPublicAccessBlock{.bucket = "b"}.encode(), "publicAccessBlock");
    EXPECT_TRUE(GetPublicAccessBlock::decode({.body = block("true")}).blocks_all);
    EXPECT_FALSE(GetPublicAccessBlock::decode({.body = block("false")}).blocks_all);
    expect_read(GetBucketVersioning{.bucket = "b"}.encode(), "versioning");
    EXPECT_TRUE(
        GetBucketVersioning::decode({.body = "<VersioningConfiguration><Status>Enabled</Status>"
                                             "</VersioningConfiguration>"})
            .enabled);
    EXPECT_FALSE(GetBucketVersioning::decode({.body = "<VersioningConfiguration/>"}).enabled);
    expect_read(GetBucketEncryption{.bucket = "b"}.encode(), "encryption");
    const auto encryption = GetBucketEncryption::decode(
        {.body = "<ServerSideEncryptionConfiguration><Rule>"
                 "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
                 "<KMSMasterKeyID>arn:k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>"
                 "</Rule></ServerSideEncryptionConfiguration>"});
    EXPECT_EQ(encryption.algorithm, "aws:kms");
    EXPECT_EQ(encryption.kms_key, "arn:k");
    expect_read(GetBucketPolicy{.bucket = "b"}.encode(), "policy");
    EXPECT_EQ(GetBucketPolicy::decode({.body = "{}"}).policy, "{}");
    expect_read(GetBucketLifecycleConfiguration{.bucket = "b"}.encode(), "lifecycle");
}

TEST(S3BucketLifecycle, ARuleIsWrittenAndReadBack)
{
    const LifecycleRule rule{.id = "old",
                             .prefix = "nimbus/",
                             .noncurrent_days = 30,
                             .removes_delete_markers = true,
                             .abort_uploads_days = 7};
    const auto body = PutBucketLifecycleConfiguration{.bucket = "b", .rules = {rule}}.encode().body;
    EXPECT_EQ(body, std::string(begin_of_rules) +
                        "<Rule><ID>old</ID><Status>Enabled</Status><Filter><Prefix>nimbus/</Prefix>"
                        "</Filter><Expiration><ExpiredObjectDeleteMarker>true"
                        "</ExpiredObjectDeleteMarker></Expiration><NoncurrentVersionExpiration>"
                        "<NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>"
                        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7"
                        "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
                        "</LifecycleConfiguration>");
    const auto read = GetBucketLifecycleConfiguration::decode({.body = body}).rules.at(0);
    EXPECT_EQ(read.id, rule.id);
    EXPECT_TRUE(read.enabled);
    EXPECT_EQ(read.prefix, rule.prefix);
    EXPECT_EQ(read.noncurrent_days, rule.noncurrent_days);
    EXPECT_TRUE(read.removes_delete_markers);
    EXPECT_EQ(read.abort_uploads_days, rule.abort_uploads_days);
}

TEST(S3BucketLifecycle, SomebodyElsesRuleGoesBackAsItWasWritten)
{
    const std::string theirs = "<Rule><ID>theirs</ID><Filter><And><Prefix>a&amp;b/</Prefix><Tag>"
                               "<Key>k</Key><Value>v</Value></Tag></And></Filter>"
                               "<Status>Disabled</Status><Transition><Days>9</Days>"
                               "<StorageClass>GLACIER</StorageClass></Transition></Rule>";
    const auto body = std::string(begin_of_rules) + theirs + "</LifecycleConfiguration>";
    const auto rules = GetBucketLifecycleConfiguration::decode({.body = body}).rules;
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0].prefix, "a&b/");
    EXPECT_FALSE(rules[0].enabled);
    EXPECT_EQ((PutBucketLifecycleConfiguration{.bucket = "b", .rules = rules}.encode().body), body);
}

} // namespace
} // namespace nimbus::aws::s3

#include "base/encoding.h"
#include "crypto/digest.h"
#include "local/services/s3/checksums.h"
#include "local/services/s3/s3_service.h"
#include "local/services/test_calls.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace testing_calls;

/// Lets everything through but deletions of keys that start with "keep", and lists when told so.
class KeepingAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return std::nullopt; }
    Decision authorize(const Principal&, const std::string& action, const std::string& resource,
                       const ConditionContext&, const std::string&) override
    {
        const auto denied =
            (action == "s3:DeleteObject" && resource.find("/keep") != std::string::npos) ||
            (action == "s3:ListBucket" && keeps_lists);
        return {.allowed = !denied, .explanation = denied ? "kept" : ""};
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }

    bool keeps_lists = false;
};

class S3Service : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(s3("PUT", "/bucket").status, 200); }

    http::Response s3(const std::string& method, const std::string& target,
                      const std::string& body = {}, http::Headers headers = {})
    {
        return send(
            service_,
            {.method = method, .target = target, .body = body, .headers = std::move(headers)});
    }
    std::string code(const http::Response& response)
    {
        return std::to_string(response.status) + " " + element(response, "Code");
    }
    std::size_t stored_files() const
    {
        const std::filesystem::recursive_directory_iterator files(directory_.path());
        return static_cast<std::size_t>(std::ranges::count_if(
            files, [](const auto& entry) { return entry.is_regular_file(); }));
    }

    TemporaryDirectory directory_;
    sqlite::Database database_{":memory:"};
    std::chrono::minutes later_{0};
    S3Store store_{database_, directory_.path(), [this] { return system_now() + later_; }};
    KeepingAccess access_;
    Service service_ = make_s3_service(store_, access_);
};

TEST_F(S3Service, WhoMayNotListIsNotToldThatAnObjectIsMissing)
{
    EXPECT_EQ(code(s3("GET", "/bucket/missing")), "404 NoSuchKey");
    access_.keeps_lists = true;
    const auto refused = s3("GET", "/bucket/missing");
    EXPECT_EQ(code(refused), "403 AccessDenied");
    EXPECT_EQ(element(refused, "Message"), "kept");
    EXPECT_EQ(s3("HEAD", "/bucket/missing").status, 403);
}

TEST_F(S3Service, AnObjectComesBackAsItWasPut)
{
    const auto put = s3("PUT", "/bucket/a%20b/%C3%BC+.txt", "0123456789",
                        {{"Content-Type", "text/x"}, {"x-amz-meta-m", "v"}});
    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.headers.get("etag"), "\"781e5e245d69b566979b86e28d23f2c7\"");
    const auto got = s3("GET", "/bucket/a%20b/%C3%BC+.txt");
    EXPECT_EQ(got.body, "0123456789");
    EXPECT_EQ(got.headers.get("content-type"), "text/x");
    EXPECT_EQ(got.headers.get("x-amz-meta-m"), "v");
    const auto part = s3("GET", "/bucket/a%20b/%C3%BC+.txt", {}, {{"Range", "bytes=-3"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "789");
    EXPECT_EQ(part.headers.get("content-range"), "bytes 7-9/10");
    EXPECT_EQ(code(s3("GET", "/bucket/a%20b/%C3%BC+.txt", {}, {{"Range", "bytes=10-"}})),
              "416 InvalidRange");
}

TEST_F(S3Service, SomeHeadersOfAnAnswerMayBeAskedFor)
{
    s3("PUT", "/bucket/key", "content");
    const auto got = s3("GET", "/bucket/key?response-content-type=text/x");
    EXPECT_EQ(got.headers.get("content-type"), "text/x");
    EXPECT_EQ(code(s3("GET", "/bucket/key?response-set-cookie=a")), "501 NotImplemented");
}

TEST_F(S3Service, WhatIsNotThereIsNamed)
{
    EXPECT_EQ(code(s3("GET", "/nowhere/k")), "404 NoSuchBucket");
    EXPECT_EQ(code(s3("GET", "/bucket/k")), "404 NoSuchKey");
    EXPECT_EQ(code(s3("GET", "/bucket?acl")), "501 NotImplemented");
    EXPECT_EQ(code(s3("PUT", "/bucket?encryption")), "501 NotImplemented");
    EXPECT_EQ(code(s3("POST", "/bucket/k?restore")), "501 NotImplemented");
    EXPECT_EQ(code(s3("PUT", "/No_Bucket")), "400 InvalidBucketName");
}

TEST_F(S3Service, ConditionalWritesProtectTheStateAndTheLock)
{
    const http::Headers if_new{{"If-None-Match", "*"}};
    const auto first = s3("PUT", "/bucket/lock", "1", if_new);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(code(s3("PUT", "/bucket/lock", "2", if_new)), "412 PreconditionFailed");
    const std::string etag(first.headers.get("etag"));
    EXPECT_EQ(s3("PUT", "/bucket/lock", "3", {{"If-Match", etag}}).status, 200);
    EXPECT_EQ(code(s3("PUT", "/bucket/lock", "4", {{"If-Match", etag}})), "412 PreconditionFailed");
    EXPECT_EQ(code(s3("PUT", "/bucket/other", "4", {{"If-Match", etag}})), "404 NoSuchKey");
    EXPECT_EQ(code(s3("DELETE", "/bucket/lock", {}, {{"If-Match", etag}})),
              "412 PreconditionFailed");
    EXPECT_EQ(s3("GET", "/bucket/lock").body, "3");
}

TEST_F(S3Service, ConditionalReadsSaveTheBody)
{
    const auto etag = std::string(s3("PUT", "/bucket/k", "x").headers.get("etag"));
    EXPECT_EQ(s3("GET", "/bucket/k", {}, {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(s3("GET", "/bucket/k", {}, {{"If-Match", "\"y\""}}).status, 412);
    EXPECT_EQ(s3("HEAD", "/bucket/k").headers.get("content-length"), "1");
}

TEST_F(S3Service, ListsFoldAtTheDelimiterAndComeInPages)
{
    for (const auto* key : {"a", "d/1", "d/2", "e/1", "z"})
        s3("PUT", std::string("/bucket/") + key, "x");
    const auto first = s3("GET", "/bucket?list-type=2&delimiter=/&max-keys=2");
    EXPECT_EQ(element(first, "KeyCount"), "2");
    EXPECT_EQ(element(first, "CommonPrefixes"), "<Prefix>d/</Prefix>");
    const auto next = percent_encode(element(first, "NextContinuationToken"));
    const auto rest =
        s3("GET", "/bucket?list-type=2&delimiter=/&max-keys=2&continuation-token=" + next);
    EXPECT_EQ(element(rest, "CommonPrefixes"), "<Prefix>e/</Prefix>");
    EXPECT_EQ(element(rest, "Key"), "z");
    EXPECT_EQ(element(rest, "IsTruncated"), "false");
    EXPECT_EQ(element(s3("GET", "/bucket?prefix=d/&marker=d/1"), "Key"), "d/2");
}

TEST_F(S3Service, ContentNobodyRefersToIsRemoved)
{
    s3("PUT", "/bucket/a", "same");
    s3("PUT", "/bucket/b", "same");
    s3("PUT", "/bucket/b", "other");
    EXPECT_EQ(stored_files(), 2U);
    s3("DELETE", "/bucket/a");
    EXPECT_EQ(stored_files(), 1U);
    write_file(directory_.path() / "orphan-of-a-crash", "x");
    const auto start_again = [&] {
        const S3Store again(database_, directory_.path(), [&] { return system_now() + later_; });
    };
    start_again();
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / BlobStore::aside_directory /
                                        "orphan-of-a-crash"));
    later_ = BlobStore::kept_aside + std::chrono::hours(1);
    start_again();
    EXPECT_EQ(stored_files(), 1U);
}

TEST_F(S3Service, ABodyThatDoesNotMatchItsChecksumIsRefused)
{
    EXPECT_EQ(code(s3("PUT", "/bucket/k", "x", {{"x-amz-checksum-crc32", "AAAAAA=="}})),
              "400 BadDigest");
    EXPECT_EQ(code(s3("PUT", "/bucket/k", "x", {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}})),
              "400 BadDigest");
    const auto crc = body_checksum("crc32", "x");
    EXPECT_EQ(s3("PUT", "/bucket/k", "x", {{"x-amz-checksum-crc32", crc}}).status, 200);
    const auto got = s3("GET", "/bucket/k", {}, {{"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(got.headers.get("x-amz-checksum-crc32"), crc);
}

TEST_F(S3Service, DeleteObjectsDecidesForEachKey)
{
    s3("PUT", "/bucket/a", "x");
    s3("PUT", "/bucket/keep", "x");
    const auto answer = s3("POST", "/bucket?delete",
                           "<Delete><Object><Key>a</Key></Object><Object><Key>keep</Key></Object>"
                           "</Delete>");
    EXPECT_EQ(element(answer, "Deleted"), "<Key>a</Key>");
    EXPECT_EQ(element(answer, "Code"), "AccessDenied");
    EXPECT_EQ(s3("GET", "/bucket/keep").status, 200);
    EXPECT_EQ(code(s3("DELETE", "/bucket")), "409 BucketNotEmpty");
}

TEST_F(S3Service, AnObjectMayBeUploadedInParts)
{
    const auto begun = s3("POST", "/bucket/big?uploads", {}, {{"x-amz-meta-m", "v"}});
    const auto upload = "/bucket/big?uploadId=" + element(begun, "UploadId");
    const std::string first(5 * 1024 * 1024, 'a');
    const auto one = s3("PUT", upload + "&partNumber=1", first);
    const auto two = s3("PUT", upload + "&partNumber=2", "tail");
    EXPECT_EQ(code(s3("GET", "/bucket/big")), "404 NoSuchKey");
    EXPECT_EQ(code(s3("DELETE", "/bucket")), "409 BucketNotEmpty");
    const auto list = [](std::string_view first_etag, std::string_view second_etag) {
        return "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
               std::string(first_etag) + "</ETag></Part><Part><PartNumber>2</PartNumber><ETag>" +
               std::string(second_etag) + "</ETag></Part></CompleteMultipartUpload>";
    };
    EXPECT_EQ(code(s3("POST", upload, list("x", two.headers.get("etag")))), "400 InvalidPart");
    const auto done = s3("POST", upload, list(one.headers.get("etag"), two.headers.get("etag")));
    EXPECT_TRUE(element(done, "ETag").ends_with("-2&quot;"));
    const auto got = s3("GET", "/bucket/big");
    EXPECT_EQ(got.body, first + "tail");
    EXPECT_EQ(got.headers.get("x-amz-meta-m"), "v");
    EXPECT_EQ(stored_files(), 1U);
    const auto again = s3("POST", upload, list("x", "y"));
    EXPECT_EQ(again.status, 200) << "whoever lost the answer asks once more";
    EXPECT_EQ(element(again, "ETag"), element(done, "ETag"));
    EXPECT_EQ(code(s3("PUT", upload + "&partNumber=3", "x")), "404 NoSuchUpload");
}

TEST_F(S3Service, PartsAreListedInPages)
{
    const auto begun = s3("POST", "/bucket/big?uploads");
    const auto upload = "/bucket/big?uploadId=" + element(begun, "UploadId");
    for (const auto* number : {"1", "2", "3"})
        s3("PUT", upload + "&partNumber=" + number, number);
    const auto first = s3("GET", upload + "&max-parts=2");
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    EXPECT_EQ(element(first, "NextPartNumberMarker"), "2");
    const auto second = s3("GET", upload + "&max-parts=2&part-number-marker=2");
    EXPECT_EQ(element(second, "IsTruncated"), "false");
    EXPECT_EQ(element(second, "PartNumber"), "3");
    EXPECT_EQ(code(s3("GET", upload + "&max-parts=x")), "400 InvalidArgument");
}

TEST_F(S3Service, UploadsThatAreUnderWayAreListedInPages)
{
    for (const auto* key : {"a", "b/1", "b/2"})
        s3("POST", std::string("/bucket/") + key + "?uploads");
    const auto first = s3("GET", "/bucket?uploads&prefix=b/&max-uploads=1");
    EXPECT_EQ(element(first, "Key"), "b/1");
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    const auto second = s3("GET", "/bucket?uploads&prefix=b/&key-marker=b/1&upload-id-marker=" +
                                      element(first, "NextUploadIdMarker"));
    EXPECT_EQ(element(second, "Key"), "b/2");
    EXPECT_EQ(element(second, "IsTruncated"), "false");
}

TEST_F(S3Service, APartMayBeCopiedFromAnObject)
{
    s3("PUT", "/bucket/source", "0123456789");
    const auto begun = s3("POST", "/bucket/copy?uploads");
    const auto part = "/bucket/copy?uploadId=" + element(begun, "UploadId") + "&partNumber=1";
    const auto copied =
        s3("PUT", part, {},
           {{"x-amz-copy-source", "bucket/source"}, {"x-amz-copy-source-range", "bytes=2-4"}});
    EXPECT_EQ(element(copied, "ETag"), "&quot;" + hex_encode(crypto::md5("234")) + "&quot;");
    for (const auto* range : {"bytes=2-10", "2-4", "bytes=4-2", "bytes=-1"})
        EXPECT_EQ(
            code(s3("PUT", part, {},
                    {{"x-amz-copy-source", "bucket/source"}, {"x-amz-copy-source-range", range}})),
            "400 InvalidArgument")
            << range;
}

TEST_F(S3Service, ACopyMayAskSomethingOfItsSource)
{
    const auto put = s3("PUT", "/bucket/a", "x");
    const auto etag = std::string(put.headers.get("etag"));
    const auto past = std::string("Mon, 01 Jan 2024 00:00:00 GMT");
    const auto copy = [&](const std::string& condition, const std::string& value) {
        return s3("PUT", "/bucket/b", {},
                  {{"x-amz-copy-source", "bucket/a"}, {"x-amz-copy-source-" + condition, value}})
            .status;
    };
    EXPECT_EQ(copy("if-match", etag), 200);
    EXPECT_EQ(copy("if-match", "\"other\""), 412);
    EXPECT_EQ(copy("if-none-match", etag), 412);
    EXPECT_EQ(copy("if-none-match", "\"other\""), 200);
    EXPECT_EQ(copy("if-unmodified-since", past), 412);
    EXPECT_EQ(copy("if-modified-since", past), 200);
    EXPECT_EQ(code(s3("PUT", "/bucket/b", {},
                      {{"x-amz-copy-source", "bucket/a"}, {"if-none-match", "*"}})),
              "412 PreconditionFailed");
}

TEST_F(S3Service, AnUploadHasTheChecksumThatItWasBegunWith)
{
    const auto upload_with = [&](const http::Headers& headers) {
        const auto begun = s3("POST", "/bucket/sum?uploads", {}, headers);
        const auto upload = "/bucket/sum?uploadId=" + element(begun, "UploadId");
        const auto part = s3("PUT", upload + "&partNumber=1", "123456789");
        const auto done = s3("POST", upload,
                             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                                 std::string(part.headers.get("etag")) +
                                 "</ETag></Part></CompleteMultipartUpload>");
        EXPECT_EQ(done.status, 200);
        return s3("HEAD", "/bucket/sum", {}, {{"x-amz-checksum-mode", "ENABLED"}}).headers;
    };
    const auto whole = body_checksum("crc32", "123456789");
    const auto composite = upload_with({{"x-amz-checksum-algorithm", "CRC32"}});
    EXPECT_EQ(composite.get("x-amz-checksum-type"), "COMPOSITE");
    EXPECT_EQ(composite.get("x-amz-checksum-crc32"),
              body_checksum("crc32", *base64_decode(whole)) + "-1");
    const auto full = upload_with(
        {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
    EXPECT_EQ(full.get("x-amz-checksum-type"), "FULL_OBJECT");
    EXPECT_EQ(full.get("x-amz-checksum-crc32"), whole);
    EXPECT_EQ(
        code(s3("POST", "/bucket/sum?uploads", {},
                {{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}})),
        "400 InvalidRequest");
    EXPECT_EQ(code(s3("POST", "/bucket/sum?uploads", {}, {{"x-amz-checksum-algorithm", "MD4"}})),
              "400 InvalidRequest");
}

TEST_F(S3Service, EveryObjectIsEncryptedAsS3DoesByDefault)
{
    constexpr auto header = "x-amz-server-side-encryption";
    EXPECT_EQ(s3("PUT", "/bucket/a", "x", {{header, "AES256"}}).headers.get(header), "AES256");
    EXPECT_EQ(s3("GET", "/bucket/a").headers.get(header), "AES256");
    EXPECT_EQ(code(s3("PUT", "/bucket/a", "x", {{header, "aws:kms"}})), "501 NotImplemented");
}

TEST_F(S3Service, TheEndpointOfUsEast1MakesBucketsInEveryRegion)
{
    const auto in = [](const std::string& region) {
        return "<CreateBucketConfiguration><LocationConstraint>" + region +
               "</LocationConstraint></CreateBucketConfiguration>";
    };
    EXPECT_EQ(s3("PUT", "/in-europe", in("eu-west-1")).status, 200);
    EXPECT_EQ(s3("HEAD", "/in-europe").headers.get("x-amz-bucket-region"), "eu-west-1");
}

TEST_F(S3Service, AnAbortedUploadLeavesNothing)
{
    const auto begun = s3("POST", "/bucket/big?uploads");
    const auto upload = "/bucket/big?uploadId=" + element(begun, "UploadId");
    s3("PUT", upload + "&partNumber=1", "x");
    EXPECT_EQ(s3("DELETE", upload).status, 204);
    EXPECT_EQ(stored_files(), 0U);
    EXPECT_EQ(code(s3("PUT", upload + "&partNumber=1", "x")), "404 NoSuchUpload");
}

TEST_F(S3Service, ACopyKeepsOrReplacesTheMetadata)
{
    s3("PUT", "/bucket/a", "x", {{"x-amz-meta-m", "1"}});
    EXPECT_EQ(s3("PUT", "/bucket/b", {}, {{"x-amz-copy-source", "/bucket/a"}}).status, 200);
    EXPECT_EQ(s3("GET", "/bucket/b").headers.get("x-amz-meta-m"), "1");
    s3("PUT", "/bucket/b", {},
       {{"x-amz-copy-source", "bucket/a"},
        {"x-amz-metadata-directive", "REPLACE"},
        {"x-amz-meta-m", "2"}});
    EXPECT_EQ(s3("GET", "/bucket/b").headers.get("x-amz-meta-m"), "2");
}

TEST_F(S3Service, ACopyOfWhatWasUploadedInPartsHasOnePart)
{
    const auto begun =
        s3("POST", "/bucket/parts?uploads", {}, {{"x-amz-checksum-algorithm", "CRC32"}});
    const auto upload = "/bucket/parts?uploadId=" + element(begun, "UploadId");
    const auto part = s3("PUT", upload + "&partNumber=1", "123456789");
    s3("POST", upload,
       "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
           std::string(part.headers.get("etag")) + "</ETag></Part></CompleteMultipartUpload>");
    const std::string whole(s3("PUT", "/bucket/whole", "123456789").headers.get("etag"));
    EXPECT_NE(s3("HEAD", "/bucket/parts").headers.get("etag"), whole);
    EXPECT_EQ(s3("PUT", "/bucket/copy", {}, {{"x-amz-copy-source", "bucket/parts"}}).status, 200);
    const auto copy = s3("HEAD", "/bucket/copy", {}, {{"x-amz-checksum-mode", "ENABLED"}}).headers;
    EXPECT_EQ(copy.get("etag"), whole);
    EXPECT_EQ(copy.get("x-amz-checksum-crc32"), body_checksum("crc32", "123456789"));
    EXPECT_EQ(copy.get("x-amz-checksum-type"), "FULL_OBJECT");
}

TEST_F(S3Service, ACopyOfAVersionIsRefusedByItsName)
{
    s3("PUT", "/bucket/a", "x");
    const auto refused =
        s3("PUT", "/bucket/b", {}, {{"x-amz-copy-source", "bucket/a?versionId=null"}});
    EXPECT_EQ(code(refused), "501 NotImplemented");
    EXPECT_NE(element(refused, "Message").find("versionId=null"), std::string::npos);
    s3("PUT", "/bucket/a%3FversionId=b", "y");
    EXPECT_EQ(s3("PUT", "/bucket/b", {}, {{"x-amz-copy-source", "bucket/a%3FversionId=b"}}).status,
              200);
}

TEST_F(S3Service, ANewBucketBlocksPublicAccess)
{
    const auto count = [](const std::string& text, std::string_view word) {
        std::size_t found = 0;
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count(s3("GET", "/bucket?publicAccessBlock").body, ">true<"), 4U);
    s3("DELETE", "/bucket?publicAccessBlock");
    EXPECT_EQ(code(s3("GET", "/bucket?publicAccessBlock")),
              "404 NoSuchPublicAccessBlockConfiguration");
}

TEST_F(S3Service, ListsEncodeKeysAsAskedOrRefuseToSay)
{
    for (const char* list : {"/bucket?list-type=2&encoding-type=foo", "/bucket?encoding-type=foo",
                             "/bucket?uploads&encoding-type=foo"}) {
        const auto refused = s3("GET", list);
        EXPECT_EQ(code(refused), "400 InvalidArgument") << list;
        EXPECT_EQ(element(refused, "Message"), "Invalid Encoding Method specified in Request");
    }
    s3("PUT", "/bucket/%01c%1F", "x");
    EXPECT_EQ(element(s3("GET", "/bucket?list-type=2"), "Key"), "&#x1;c&#x1f;");
    EXPECT_EQ(element(s3("GET", "/bucket?list-type=2&encoding-type=url"), "Key"), "%01c%1F");
}

TEST_F(S3Service, NamesAndHeadersAreText)
{
    for (const auto& refused : {s3("PUT", "/bucket/caf%E9", "x"), s3("PUT", "/bucket/a%00b", "x"),
                                s3("PUT", "/bucket/a", "x", {{"x-amz-meta-m", "caf\xe9"}})}) {
        EXPECT_EQ(refused.status, 400);
        EXPECT_EQ(element(refused, "Code"), "InvalidArgument");
    }
    EXPECT_EQ(s3("GET", "/bucket/a").status, 404);
}

// Check values: "123456789", as the catalogue of CRC algorithms gives them.
TEST(Checksums, AreThoseOfTheCatalogue)
{
    const auto hex = [](std::string_view algorithm) {
        return hex_encode(*base64_decode(body_checksum(algorithm, "123456789")));
    };
    EXPECT_EQ(hex("crc32"), "cbf43926");
    EXPECT_EQ(hex("crc32c"), "e3069283");
    EXPECT_EQ(hex("crc64nvme"), "ae8b14860a799888");
}

TEST_F(S3Service, AnAbandonedUploadIsAborted)
{
    const auto id = element(s3("POST", "/bucket/key?uploads"), "UploadId");
    ASSERT_EQ(s3("PUT", "/bucket/key?partNumber=1&uploadId=" + id, "part").status, 200);
    EXPECT_FALSE(store_.abort_abandoned_upload());
    later_ = S3Store::uploads_kept_for + std::chrono::minutes(1);
    EXPECT_TRUE(store_.abort_abandoned_upload());
    EXPECT_FALSE(store_.abort_abandoned_upload());
    EXPECT_FALSE(store_.find_upload(id));
    EXPECT_EQ(stored_files(), 0U);
}

} // namespace
} // namespace nimbus::local

#include "local/front_door/aws_chunked.h"
#include "local/services/service.h"

#include <gtest/gtest.h>

namespace nimbus::local {
namespace {

// The example of the Amazon S3 API Reference, "Signature calculations for the Authorization header:
// transferring payload in multiple chunks".
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

sigv4::Claim claim(const std::string& kind)
{
    sigv4::Claim claim;
    claim.scope = {.date = "20130524", .region = "us-east-1", .service = "s3"};
    claim.amz_date = "20130524T000000Z";
    claim.signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    claim.payload_hash = kind;
    return claim;
}

std::string published_body()
{
    return "10000;chunk-signature="
           "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
           std::string(65'536, 'a') +
           "\r\n400;chunk-signature="
           "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
           std::string(1'024, 'a') +
           "\r\n0;chunk-signature="
           "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

std::string refusal(std::string_view framed, const sigv4::Claim& of)
{
    try {
        decode_aws_chunked(framed, of, secret);
    } catch (const ServiceError& error) {
        return error.code;
    }
    return {};
}

TEST(AwsChunked, TakesThePublishedExampleApart)
{
    const auto unframed =
        decode_aws_chunked(published_body(), claim("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), secret);
    EXPECT_EQ(unframed.body, std::string(66'560, 'a'));
}

TEST(AwsChunked, ASignedChunkThatWasChangedIsRefused)
{
    auto body = published_body();
    body[100] = 'b';
    EXPECT_EQ(refusal(body, claim("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")), "SignatureDoesNotMatch");
}

TEST(AwsChunked, UnsignedChunksMayHaveTrailers)
{
    const auto unframed =
        decode_aws_chunked("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
                           claim("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), secret);
    EXPECT_EQ(unframed.body, "hello");
    EXPECT_EQ(unframed.trailers.get("x-amz-checksum-crc32"), "NhCmhg==");
}

TEST(AwsChunked, ABodyThatEndsEarlyIsRefused)
{
    const auto unsigned_claim = claim("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    for (const auto* body : {"", "5\r\nhel", "5\r\nhello", "zz\r\n", "5\r\nhelloX\r\n0\r\n\r\n",
                             "ffffffffffffffffff\r\nx"})
        EXPECT_EQ(refusal(body, unsigned_claim), "IncompleteBody") << body;
}

TEST(AwsChunked, KindsThatAreNotKnownAreNamed)
{
    EXPECT_EQ(refusal("", claim("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")), "NotImplemented");
}

} // namespace
} // namespace nimbus::local

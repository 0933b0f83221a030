#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace nimbus::sigv4 {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view secret = "secret";
const SystemTime signed_at = *parse_amz_date("20241201T120000Z");

const Credentials& credentials()
{
    static const Credentials value{.access_key_id = "AKID",
                                   .secret_access_key = std::string(secret),
                                   .session_token = "token/+="};
    return value;
}

Request by_header(std::string_view body = {})
{
    Request request{.method = "POST",
                    .path = "/path%20name",
                    .query = "b=2&a=1",
                    .headers = {{"Host", "example.com"}, {"X-Extra", "value"}}};
    sign_headers(request, credentials(), "us-east-1", "iam", crypto::sha256_hex(body), signed_at);
    return request;
}

Request by_query(std::chrono::seconds expires = 60s)
{
    Request request{
        .method = "GET", .path = "/key", .query = "a=1", .headers = {{"Host", "example.com"}}};
    request.query = presign_query(request, credentials(), "us-east-1", "dsql",
                                  crypto::sha256_hex(""), expires, signed_at);
    return request;
}

/// Nothing when the request is accepted.
std::optional<FailureCode> refusal(const Request& request, SystemTime now = signed_at,
                                   std::string_view body = {}, std::string_view key = secret)
{
    const auto claim = parse_claim(request);
    if (!claim)
        return claim.error().code;
    const auto valid = verify(*claim, request, key, crypto::sha256_hex(body), now);
    return valid ? std::nullopt : std::optional(valid.error().code);
}

TEST(Verify, AcceptsWhatWasSigned)
{
    EXPECT_EQ(refusal(by_header("body"), signed_at, "body"), std::nullopt);
    EXPECT_EQ(refusal(by_query()), std::nullopt);
}

TEST(Verify, AcceptsOtherSpellingsAndWhatIsNotSigned)
{
    auto request = by_header();
    request.headers.emplace_back("X-Later", "added on the way");
    std::ranges::reverse(request.headers);
    for (auto& [name, value] : request.headers)
        if (name == "X-Extra")
            value = "  value ";
    request.query = "%61=1&b=2";
    EXPECT_EQ(refusal(request), std::nullopt);
}

TEST(Verify, RefusesWhatWasChanged)
{
    const auto changed = [](const std::function<void(Request&)>& change) {
        auto request = by_header();
        change(request);
        return refusal(request);
    };
    EXPECT_EQ(changed([](Request& r) { r.method = "PUT"; }), FailureCode::mismatch);
    EXPECT_EQ(changed([](Request& r) { r.path = "/path+name"; }), FailureCode::mismatch);
    EXPECT_EQ(changed([](Request& r) { r.query += "&c=3"; }), FailureCode::mismatch);
    EXPECT_EQ(changed([](Request& r) { r.headers[0].second = "evil.com"; }), FailureCode::mismatch);
    EXPECT_EQ(changed([](Request& r) { r.headers.emplace_back("X-Extra", "2"); }),
              FailureCode::mismatch);
    EXPECT_EQ(changed([](Request& r) { r.headers.back().second.pop_back(); }),
              FailureCode::mismatch);
    EXPECT_EQ(refusal(by_header("body"), signed_at, "other"), FailureCode::mismatch);
    EXPECT_EQ(refusal(by_header(), signed_at, "", "other secret"), FailureCode::mismatch);
}

TEST(Verify, RefusesAPresignedRequestThatWasChanged)
{
    auto request = by_query();
    for (const std::string_view part : {"a=1", "AKID", "us-east-1", "X-Amz-Expires=6", "token"}) {
        auto changed = request;
        auto& letter = changed.query[changed.query.find(part) + part.size() - 1];
        letter = letter == '1' ? '2' : '1';
        EXPECT_EQ(refusal(changed), FailureCode::mismatch) << part;
    }
    request.query.back() = request.query.back() == '0' ? '1' : '0';
    EXPECT_EQ(refusal(request), FailureCode::mismatch);
}

TEST(Verify, APayloadHashThatIsNotTheBodysIsAMismatch)
{
    Request request{.method = "PUT", .path = "/key", .headers = {{"Host", "example.com"}}};
    sign_headers(request, credentials(), "us-east-1", "s3", crypto::sha256_hex("body"), signed_at);
    EXPECT_EQ(refusal(request, signed_at, "body"), std::nullopt);
    EXPECT_EQ(refusal(request, signed_at, "other"), FailureCode::mismatch);
}

TEST(Verify, AnUnsignedPayloadIsAcceptedByThoseWhoAskForIt)
{
    Request request{.method = "PUT", .path = "/key", .headers = {{"Host", "example.com"}}};
    sign_headers(request, credentials(), "us-east-1", "s3", unsigned_payload, signed_at);
    const auto claim = parse_claim(request);
    ASSERT_TRUE(claim);
    EXPECT_TRUE(verify(*claim, request, secret, unsigned_payload, signed_at));
    EXPECT_EQ(refusal(request, signed_at, "body"), FailureCode::mismatch);
}

TEST(Verify, ASignedHeaderIsGoodForAQuarterOfAnHourBothWays)
{
    const auto request = by_header();
    EXPECT_EQ(refusal(request, signed_at + 15min), std::nullopt);
    EXPECT_EQ(refusal(request, signed_at + 15min + 1s), FailureCode::expired);
    EXPECT_EQ(refusal(request, signed_at - 15min), std::nullopt);
    EXPECT_EQ(refusal(request, signed_at - 15min - 1s), FailureCode::not_yet);
}

TEST(Verify, TheAgeIsToldInAwsWords)
{
    const auto request = by_header();
    const auto claim = parse_claim(request);
    ASSERT_TRUE(claim);
    const auto message = [&](SystemTime now) {
        return verify(*claim, request, secret, crypto::sha256_hex(""), now).error().message;
    };
    EXPECT_EQ(message(signed_at + 20min),
              "Signature expired: 20241201T120000Z is now earlier than 20241201T120500Z "
              "(20241201T122000Z - 15 min.)");
    EXPECT_EQ(message(signed_at - 20min),
              "Signature not yet current: 20241201T120000Z is still later than 20241201T115500Z "
              "(20241201T114000Z + 15 min.)");
}

TEST(Verify, APresignedRequestIsGoodUntilItExpires)
{
    EXPECT_EQ(refusal(by_query(60s), signed_at + 60s), std::nullopt);
    EXPECT_EQ(refusal(by_query(60s), signed_at + 61s), FailureCode::expired);
    EXPECT_EQ(refusal(by_query(60s), signed_at - 5min), std::nullopt);
    EXPECT_EQ(refusal(by_query(60s), signed_at - 5min - 1s), FailureCode::not_yet);
}

TEST(Verify, NoPresignedRequestIsGoodForMoreThanAWeek)
{
    EXPECT_EQ(refusal(by_query(std::chrono::days(7)), signed_at + std::chrono::days(7)),
              std::nullopt);
    EXPECT_EQ(refusal(by_query(std::chrono::days(7) + 1s)), FailureCode::malformed);
    EXPECT_EQ(refusal(by_query(std::chrono::seconds::max())), FailureCode::malformed);
}

} // namespace
} // namespace nimbus::sigv4

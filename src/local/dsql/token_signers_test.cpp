#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/dsql/token_fixture.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

/// How the DSQL signers of AWS's SDKs write a token: in which order, with a path or without.
/// Sources: what the signers printed for the key below (botocore 1.43.11, the SDKs for JavaScript
/// 3.x, Java 2.31.32, Go feature/dsql/auth 1.1.37 and Rust 1.79.0), and for the others the SDKs'
/// sources: DSQLAuthTokenGenerator.cs and its test (.NET), AuthTokenGenerator.php and
/// SignatureV4.php (PHP), aws-sigv4's signer.rb (Ruby).
namespace nimbus::local::dsql {
namespace {

constexpr std::string_view session_token = "IQoJb3JpZ2luX2VjEXAMPLE+/token==";
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Signer {
    std::string_view language;
    std::string_view path;
    /// Names of parameters, without "X-Amz-", in the order of the token.
    std::vector<std::string_view> order;
    std::string_view expires = "900";
    std::string_view date = "20261130T060856Z";
    /// What the real one printed at that date, if it was run.
    std::string_view signature = {};
};

const std::vector<Signer> signers = {
    {.language = "Python",
     .path = "/",
     .order = {"Action", "Algorithm", "Credential", "Date", "Expires", "SignedHeaders",
               "Security-Token", "Signature"},
     .signature = "decac6de90f4094442a42896d64a848bc7ed3116852ba470ed910013b097f923"},
    {.language = "JavaScript",
     .path = "/",
     .order = {"Action", "Algorithm", "Credential", "Date", "Expires", "Security-Token",
               "Signature", "SignedHeaders"},
     .signature = "decac6de90f4094442a42896d64a848bc7ed3116852ba470ed910013b097f923"},
    {.language = "Java",
     .path = "/",
     .order = {"Action", "Security-Token", "Algorithm", "Date", "SignedHeaders", "Expires",
               "Credential", "Signature"},
     .date = "20261130T060858Z",
     .signature = "fc0dea5a325abe7bb2a3ecd691ce9f9efef76b0732c817171a6b86c6fee57a29"},
    {.language = "Go",
     .path = "",
     .order = {"Action", "Algorithm", "Credential", "Date", "Expires", "Security-Token",
               "SignedHeaders", "Signature"},
     .date = "20261130T060900Z",
     .signature = "91bdefdc572d7040324b7cf22738b2660a8568e5b68b5ecde5c53baa33e55573"},
    {.language = "Rust",
     .path = "/",
     .order = {"Action", "Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature",
               "Security-Token"},
     .date = "20261130T063430Z",
     .signature = "f6f4c248408b64266deb676477f742d3656114cfc7cb50b690dc8b1c06d8216d"},
    {.language = "DotNet",
     .path = "/",
     .order = {"Action", "Expires", "Security-Token", "Algorithm", "Credential", "Date",
               "SignedHeaders", "Signature"}},
    {.language = "Php",
     .path = "/",
     .order = {"Action", "Security-Token", "Algorithm", "Credential", "Date", "SignedHeaders",
               "Expires", "Signature"},
     .expires = "700"},
    {.language = "Ruby",
     .path = "/",
     .order = {"Action", "Algorithm", "Credential", "Date", "Expires", "Security-Token",
               "SignedHeaders", "Signature"}},
};

std::string full_name(std::string_view name)
{
    return (name == "Action" ? "" : "X-Amz-") + std::string(name);
}

std::string day_of(const Signer& signer)
{
    return std::string(signer.date.substr(0, 8));
}

/// The signature as AWS's documentation computes it, without src/sigv4, which is under test.
std::string sign(const std::map<std::string, std::string>& parameters, const Signer& signer)
{
    std::vector<std::string> pairs;
    for (const auto& [name, value] : parameters)
        pairs.push_back(name + "=" + percent_encode(value));
    const auto request =
        "GET\n/\n" + join(pairs, "&") + "\nhost:" + host + "\n\nhost\n" + crypto::sha256_hex("");
    const auto text = "AWS4-HMAC-SHA256\n" + std::string(signer.date) + "\n" + day_of(signer) +
                      "/us-east-1/dsql/aws4_request\n" + crypto::sha256_hex(request);
    auto key = "AWS4" + std::string(secret);
    for (const auto& part : {day_of(signer), std::string("us-east-1"), std::string("dsql"),
                             std::string("aws4_request")})
        key = crypto::hmac_sha256(key, part);
    return hex_encode(crypto::hmac_sha256(key, text));
}

std::map<std::string, std::string> parameters_of(const Signer& signer, std::string_view action,
                                                 bool with_session)
{
    std::map<std::string, std::string> parameters = {
        {"Action", std::string(action)},
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Credential", "AKIDEXAMPLE/" + day_of(signer) + "/us-east-1/dsql/aws4_request"},
        {"X-Amz-Date", std::string(signer.date)},
        {"X-Amz-Expires", std::string(signer.expires)},
        {"X-Amz-SignedHeaders", "host"}};
    if (with_session)
        parameters["X-Amz-Security-Token"] = session_token;
    parameters["X-Amz-Signature"] = sign(parameters, signer);
    return parameters;
}

std::string write(const Signer& signer, const std::map<std::string, std::string>& parameters)
{
    std::vector<std::string> pairs;
    for (const auto name : signer.order)
        if (const auto found = parameters.find(full_name(name)); found != parameters.end())
            pairs.push_back(found->first + "=" + percent_encode(found->second));
    return host + std::string(signer.path) + "?" + join(pairs, "&");
}

class TokenOf : public TokenTest, public testing::WithParamInterface<Signer> {
protected:
    void SetUp() override { access_.session_token = session_token; }

    std::string check(const std::string& token, const std::string& user = "admin")
    {
        return check_at(*parse_amz_date(std::string(GetParam().date)) + std::chrono::seconds{10},
                        token, user);
    }

    std::string token(std::string_view action, bool with_session = true)
    {
        return write(GetParam(), parameters_of(GetParam(), action, with_session));
    }
};

TEST_P(TokenOf, IsSignedAsItsSignerSignsIt)
{
    const auto parameters = parameters_of(GetParam(), "DbConnectAdmin", true);
    if (!GetParam().signature.empty()) {
        EXPECT_EQ(parameters.at("X-Amz-Signature"), GetParam().signature);
    }
    EXPECT_EQ(GetParam().order.size(), parameters.size());
}

TEST_P(TokenOf, IsAccepted)
{
    EXPECT_EQ(check(token("DbConnectAdmin")), user_arn);
    EXPECT_EQ(check(token("DbConnect"), "app"), user_arn);
}

TEST_P(TokenOf, IsAcceptedFromALongTermKey)
{
    access_.session_token.clear();
    EXPECT_EQ(check(token("DbConnectAdmin", false)), user_arn);
    EXPECT_EQ(check(token("DbConnect", false), "app"), user_arn);
}

TEST_P(TokenOf, CannotBeChanged)
{
    const auto whole = parameters_of(GetParam(), "DbConnectAdmin", true);
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"Action", "DbConnect"},
             {"X-Amz-Algorithm", "AWS4-HMAC-SHA1"},
             {"X-Amz-Credential", "AKIDEXAMPLE/20261130/us-east-1/s3/aws4_request"},
             {"X-Amz-Date", "20261130T060901Z"},
             {"X-Amz-Expires", "901"},
             {"X-Amz-Security-Token", "another"},
             {"X-Amz-Signature", std::string(64, '0')},
             {"X-Amz-SignedHeaders", "host;x"}}) {
        auto changed = whole;
        changed[name] = value;
        EXPECT_THAT(check(write(GetParam(), changed)), testing::StartsWith(denied)) << name;
        auto without = whole;
        without.erase(name);
        EXPECT_THAT(check(write(GetParam(), without)), testing::StartsWith(denied)) << name;
    }
}

TEST_P(TokenOf, CannotBeGivenMore)
{
    const auto whole = token("DbConnectAdmin");
    for (const auto* more : {"&Action=DbConnectAdmin", "&Action=DbConnect", "&X-Amz-Expires=900",
                             "&X-Amz-Security-Token=another", "&x=y", "&X-Amz-Signature=0"})
        EXPECT_THAT(check(whole + more), testing::StartsWith(denied)) << more;
}

TEST_P(TokenOf, IsForOneHost)
{
    const auto whole = token("DbConnectAdmin");
    for (const auto& [from, to] : std::map<std::string, std::string>{
             {host, "bbcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"},
             {".us-east-1.on.aws", ".us-west-2.on.aws"},
             {".on.aws", ".on.aws:5432"}}) {
        EXPECT_THAT(check(replace_all(whole, from, to)), testing::StartsWith(denied)) << to;
    }
}

INSTANTIATE_TEST_SUITE_P(EverySdk, TokenOf, testing::ValuesIn(signers),
                         [](const auto& given) { return std::string(given.param.language); });

} // namespace
} // namespace nimbus::local::dsql

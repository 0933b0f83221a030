#include "base/file.h"
#include "base/text.h"
#include "core/test_app.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "io/test_server.h"
#include "secret/secrets_manager.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <future>
#include <nimbus/secret_error.hpp>
#include <span>

namespace nimbus::detail {
namespace {

using namespace std::chrono_literals;

constexpr const char* secret_arn =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:d/dev/k-AbCdEf";

/// A request as it went over the wire.
struct Received {
    sigv4::Request head;
    std::string body;

    explicit Received(const std::string& text)
    {
        const auto end = text.find("\r\n\r\n");
        body = text.substr(end + 4);
        const auto text_of_head = replace_all(text.substr(0, end), "\r\n", "\n");
        const auto lines = split(text_of_head, '\n');
        const auto words = split(lines.at(0), ' ');
        head.method = words.at(0);
        head.path = words.at(1);
        for (const auto line : std::span(lines).subspan(1)) {
            const auto colon = line.find(": ");
            head.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
    }
};

std::string answer(int status, const std::string& body)
{
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string refusal(int status, const std::string& code, const std::string& message)
{
    return answer(status, R"({"__type":")" + code + R"(","Message":")" + message + R"("})");
}

const std::string good_answer = answer(200, R"({"Name":"d/dev/k","SecretString":"hush"})");

class SecretsManagerTest : public testing::Test {
protected:
    SecretsManager::Settings settings() const
    {
        return {.name = "stripe-key",
                .arn = secret_arn,
                .region = "us-east-1",
                .endpoint = *HttpEndpoint::parse("http://" + server_.address()),
                .credentials = {"AKID", "key", "token"},
                .backoff = {.first = 1ms, .longest = 1ms}};
    }

    std::future<SecretValue> ask()
    {
        return std::async(std::launch::async, [settings = settings()] {
            return SecretsManager(settings).get_value(Deadline::after(30s));
        });
    }

    /// Takes the next request and answers it. Returns the request.
    std::string serve(const std::string& answer)
    {
        server_.accept();
        auto request = server_.request();
        server_.send(answer);
        return request;
    }

    /// What a failure of that type says, with the answer given once.
    template <class Failure>
    std::string failure_after(const std::string& answer)
    {
        auto asked = ask();
        serve(answer);
        try {
            asked.get();
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.secret(), "stripe-key");
            return failure.what();
        }
        ADD_FAILURE() << "no failure after " << answer;
        return {};
    }

    TestServer server_;
};

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

TEST_F(SecretsManagerTest, AsksForTheArnWithASignatureThatHolds)
{
    auto asked = ask();
    const Received request(serve(good_answer));
    const auto value = asked.get();
    EXPECT_EQ(value.bytes, "hush");
    EXPECT_TRUE(value.is_text);

    EXPECT_EQ(request.head.method, "POST");
    EXPECT_EQ(json::parse(request.body), (json::object{{"SecretId", secret_arn}}));
    const auto claim = sigv4::parse_claim(request.head);
    ASSERT_TRUE(claim.has_value());
    EXPECT_EQ(claim->scope.service, "secretsmanager");
    EXPECT_EQ(claim->scope.region, "us-east-1");
    EXPECT_EQ(claim->session_token, "token");
    EXPECT_TRUE(
        sigv4::verify(*claim, request.head, "key", crypto::sha256_hex(request.body), system_now())
            .has_value());
}

TEST_F(SecretsManagerTest, ReadsBytes)
{
    auto asked = ask();
    serve(answer(200, R"({"SecretBinary":"//4="})"));
    const auto value = asked.get();
    EXPECT_EQ(value.bytes, "\xff\xfe");
    EXPECT_FALSE(value.is_text);
}

TEST_F(SecretsManagerTest, AsksAgainAfterWhatMayPass)
{
    auto asked = ask();
    server_.accept();
    server_.request();
    server_.hang_up();
    serve(refusal(400, "ThrottlingException", "Rate exceeded"));
    serve(answer(503, "busy"));
    serve(good_answer);
    EXPECT_EQ(asked.get().bytes, "hush");
}

TEST_F(SecretsManagerTest, GivesUpAfterSomeAttempts)
{
    auto asked = ask();
    for (int i = 0; i < SecretsManager::max_attempts; ++i)
        serve(refusal(500, "InternalServiceError", "An error occurred"));
    try {
        asked.get();
        FAIL();
    } catch (const secret_unavailable& failure) {
        EXPECT_TRUE(contains(failure.what(), "500 InternalServiceError: An error"))
            << failure.what();
    }
}

TEST_F(SecretsManagerTest, GivesUpAtTheDeadline)
{
    EXPECT_THROW(SecretsManager(settings()).get_value(Deadline::after(10ms)), secret_unavailable);
}

TEST_F(SecretsManagerTest, SaysThatNobodyAnswers)
{
    const auto settings = this->settings();
    server_.stop();
    try {
        SecretsManager(settings).get_value(Deadline::after(30s));
        FAIL();
    } catch (const secret_unavailable& failure) {
        EXPECT_TRUE(contains(failure.what(), settings.endpoint.authority())) << failure.what();
    }
}

TEST_F(SecretsManagerTest, WithoutAValueNamesTheCommandThatGivesIt)
{
    const auto message = failure_after<secret_not_set>(
        refusal(400, "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for staging label: "
                "AWSCURRENT"));
    EXPECT_TRUE(contains(message, "nimbus secret set stripe-key")) << message;
}

TEST_F(SecretsManagerTest, SecretsThatAreGoneAreADeploysBusiness)
{
    for (const auto& answer :
         {refusal(400, "com.amazonaws.secretsmanager#ResourceNotFoundException",
                  "Secrets Manager can't find the specified secret."),
          refusal(400, "InvalidRequestException",
                  "You can't perform this operation on the secret because it was marked for "
                  "deletion.")}) {
        const auto message = failure_after<secret_not_deployed>(answer);
        EXPECT_TRUE(contains(message, "nimbus deploy")) << message;
    }
}

TEST_F(SecretsManagerTest, WhoMayNotReadIsToldOfUses)
{
    const auto message = failure_after<secret_access_denied>(
        refusal(400, "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: "
                "secretsmanager:GetSecretValue"));
    EXPECT_TRUE(contains(message, "`uses`")) << message;
    EXPECT_TRUE(contains(message, "assumed-role/r/f")) << message;
}

TEST_F(SecretsManagerTest, OtherRefusalsKeepTheirWords)
{
    EXPECT_TRUE(contains(
        failure_after<secret_error>(refusal(400, "InvalidSignatureException", "Signature expired")),
        "400 InvalidSignatureException: Signature expired"));
    EXPECT_TRUE(contains(failure_after<secret_error>(answer(404, "<html>")), "answers 404"));
}

TEST_F(SecretsManagerTest, ABrokenAnswerIsNotRepeatedInTheMessage)
{
    for (const auto* body : {R"({"SecretString":7,"a":"hush"})", R"({"SecretString":"hush)",
                             R"({"SecretBinary":"hush!"})", "[\"hush\"]"}) {
        const auto message = failure_after<secret_error>(answer(200, body));
        EXPECT_FALSE(contains(message, "hush")) << message;
    }
}

TEST(SecretsManagerOverTls, ChecksTheCertificate)
{
    const TemporaryDirectory directory;
    const auto authority = crypto::create_certificate_authority("test", std::chrono::days{1});
    TestServer server(crypto::issue_server_certificate(
        authority, "server", {.dns = {"localhost"}, .ip = {}}, std::chrono::days{1}));
    write_file(directory.path() / "ca.pem", authority.certificate_pem);
    write_file(directory.path() / "other.pem",
               crypto::create_certificate_authority("other", std::chrono::days{1}).certificate_pem);
    const auto ask = [&](const char* ca_file) {
        return std::async(std::launch::async, [&, ca_file] {
            return SecretsManager({.name = "stripe-key",
                                   .arn = secret_arn,
                                   .region = "us-east-1",
                                   .endpoint = {.host = "localhost", .port = server.port()},
                                   .credentials = {"AKID", "key", ""},
                                   .ca_file = directory.path() / ca_file,
                                   .backoff = {.first = 1ms, .longest = 1ms}})
                .get_value(Deadline::after(30s));
        });
    };

    auto trusted = ask("ca.pem");
    EXPECT_TRUE(server.accept());
    server.request();
    server.send(good_answer);
    EXPECT_EQ(trusted.get().bytes, "hush");

    auto refused = ask("other.pem");
    for (int i = 0; i < SecretsManager::max_attempts; ++i)
        EXPECT_FALSE(server.accept());
    try {
        refused.get();
        FAIL();
    } catch (const secret_unavailable& failure) {
        EXPECT_TRUE(contains(failure.what(), "is not to be trusted")) << failure.what();
    }
}

// --- the environment ----------------------------------------------------------------------------

class SecretEnvironment : public testing::Test {
protected:
    SecretsManager::Settings settings() const { return settings_from_environment("stripe-key"); }

    Variable arn_{"SECRET_STRIPE_KEY_ARN", secret_arn};
    Variable region_{"AWS_REGION", "eu-central-1"};
    Variable key_id_{"AWS_ACCESS_KEY_ID", "AKID"};
    Variable key_{"AWS_SECRET_ACCESS_KEY", "key"};
};

TEST_F(SecretEnvironment, NamesAwsUnlessToldOtherwise)
{
    const auto found = settings();
    EXPECT_EQ(found.arn, secret_arn);
    EXPECT_EQ(found.region, "eu-central-1");
    EXPECT_EQ(found.endpoint,
              HttpEndpoint::parse("https://secretsmanager.eu-central-1.amazonaws.com"));
    EXPECT_EQ(found.credentials.access_key_id, "AKID");
}

TEST_F(SecretEnvironment, TheArnsPartitionHasItsOwnDomain)
{
    const Variable arn("SECRET_STRIPE_KEY_ARN",
                       "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:d/dev/k-AbCdEf");
    const Variable region("AWS_REGION", "cn-north-1");
    EXPECT_EQ(settings().endpoint.host, "secretsmanager.cn-north-1.amazonaws.com.cn");
}

TEST_F(SecretEnvironment, TheMoreParticularEndpointWins)
{
    const Variable all("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
    EXPECT_EQ(settings().endpoint, HttpEndpoint::parse("http://127.0.0.1:4566"));
    const Variable own("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://secrets.internal");
    const Variable bundle("AWS_CA_BUNDLE", "/ca.pem");
    EXPECT_EQ(settings().endpoint, HttpEndpoint::parse("https://secrets.internal"));
    EXPECT_EQ(settings().ca_file, "/ca.pem");
}

TEST_F(SecretEnvironment, WhatMakesNoSenseIsSaidSo)
{
    const Variable endpoint("AWS_ENDPOINT_URL", "localhost");
    EXPECT_THROW(settings(), secret_unavailable);
    const Variable arn("SECRET_STRIPE_KEY_ARN", "stripe-key");
    EXPECT_THROW(settings(), secret_not_deployed);
}

} // namespace
} // namespace nimbus::detail

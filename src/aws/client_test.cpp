#include "aws/client.h"
#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/dsql/clusters.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/s3/bucket_settings.h"
#include "aws/ops/s3/buckets.h"
#include "aws/ops/s3/objects.h"
#include "aws/ops/sso_oidc/token.h"
#include "aws/ops/sts/identity.h"
#include "aws/test_server.h"
#include "base/unique_fd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;
using testing_server::ScriptedServer;

const http::Response cluster_answer{
    .status = 200,
    .body = R"({"identifier":"kiabtt","arn":"arn:aws:dsql:us-east-1:1:cluster/kiabtt",
                "status":"ACTIVE","creationTime":1.7E9,"deletionProtectionEnabled":false})"};

http::Response refusal(int status, const std::string& code, http::Headers headers = {})
{
    headers.add("x-amzn-ErrorType", code);
    return {.status = status, .headers = std::move(headers), .body = R"({"message":"no"})"};
}

/// A client whose pauses are written down instead of waited for.
struct Fixture {
    explicit Fixture(std::initializer_list<http::Response> answers) : server(answers) {}

    Client client(ClientOptions options = {})
    {
        options.region = "us-east-1";
        options.endpoints.all = server.origin();
        options.clock = [] { return from_unix_milliseconds(1'700'000'000'000); };
        options.sleep = [this](std::chrono::milliseconds pause) { pauses.push_back(pause); };
        options.random = [] { return 0.5; };
        return {std::make_shared<http::Client>(),
                fixed_credentials({"AKIDEXAMPLE", "secret", "token"}), std::move(options)};
    }

    ScriptedServer server;
    std::vector<std::chrono::milliseconds> pauses;
};

TEST(ClientCall, SignsEncodesAndDecodes)
{
    Fixture fixture({cluster_answer});
    const auto cluster = fixture.client().call(
        dsql::CreateCluster{.client_token = "t", .deletion_protection = false});
    EXPECT_EQ(cluster.identifier, "kiabtt");

    const auto request = fixture.server.requests().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/cluster");
    EXPECT_EQ(request.body, R"({"deletionProtectionEnabled":false,"clientToken":"t"})");
    EXPECT_EQ(request.headers.get("Host"), fixture.server.host());
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.headers.get("X-Amz-Date"), "20231114T221320Z");
    EXPECT_EQ(request.headers.get("X-Amz-Security-Token"), "token");
    EXPECT_TRUE(request.headers.get("User-Agent").starts_with("nimbus/"));
    EXPECT_TRUE(request.headers.get("Authorization")
                    .starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/us-east-1/dsql/"
                                 "aws4_request"));
}

TEST(ClientCall, CarriesASignatureThatVerifies)
{
    Fixture fixture({{.status = 200, .headers = {{"ETag", "\"e\""}}}});
    fixture.client().call(s3::PutObject{
        .bucket = "bucket", .key = "a b/ü+1.txt", .body = "data", .if_none_match = "*"});

    const auto sent = fixture.server.requests().at(0);
    EXPECT_EQ(sent.target, "/bucket/a%20b/%C3%BC%2B1.txt");
    EXPECT_EQ(sent.headers.get("If-None-Match"), "*");
    EXPECT_EQ(sent.headers.get("x-amz-content-sha256"),
              "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7");
    const sigv4::Request request{.method = sent.method,
                                 .path = std::string(sent.path()),
                                 .query = std::string(sent.query()),
                                 .headers = sent.headers.entries()};
    const auto claim = sigv4::parse_claim(request);
    ASSERT_TRUE(claim) << claim.error().message;
    const auto verified = sigv4::verify(*claim, request, "secret",
                                        std::string(sent.headers.get("x-amz-content-sha256")),
                                        from_unix_milliseconds(1'700'000'000'000));
    EXPECT_TRUE(verified) << verified.error().message;
}

TEST(ClientCall, SendsNoKeyWithAControlCharacterAndSaysWhereItComesFrom)
{
    const auto failure = [](const sigv4::Credentials& keys) -> std::string {
        const ScriptedServer server({});
        const Client client(std::make_shared<http::Client>(),
                            fixed_credentials(keys, "profile 'dev'"),
                            {.region = "us-east-1", .endpoints = {.all = server.origin()}});
        try {
            client.call(s3::HeadBucket{.bucket = "bucket"});
        } catch (const Error& error) {
            EXPECT_TRUE(server.requests().empty());
            return error.what();
        }
        return "no failure";
    };
    EXPECT_EQ(failure({"AKIA\rB", "secret", ""}), "The access key ID of profile 'dev' holds a line "
                                                  "end or another control character");
    EXPECT_EQ(failure({"AKIA", "secret\n", ""}), "The secret access key of profile 'dev' holds a "
                                                 "line end or another control character");
    EXPECT_EQ(failure({"AKIA", "secret", "a\r\nX-Evil: 1"}), "The session token of profile 'dev' "
                                                             "holds a line end or another control "
                                                             "character");
}

TEST(ClientCall, PutsTheBucketIntoThePathOfOtherEndpoints)
{
    Fixture fixture({{.status = 200}, {.status = 200}});
    const auto client = fixture.client();
    client.call(s3::HeadBucket{.bucket = "bucket"});
    client.call(s3::PutBucketTagging{.bucket = "bucket", .tags = {{"k", "v"}}});
    EXPECT_EQ(fixture.server.requests().at(0).target, "/bucket");
    EXPECT_EQ(fixture.server.requests().at(1).target, "/bucket?tagging");
}

TEST(ClientCall, DoesNotTakeAKeyForABucket)
{
    Fixture fixture({});
    EXPECT_THROW(fixture.client().call(s3::DeleteObject{.key = "k"}), std::invalid_argument);
    EXPECT_TRUE(fixture.server.requests().empty());
}

TEST(ClientCall, ThrowsWhatAwsRefusesWith)
{
    Fixture fixture({refusal(400, "ValidationException")});
    try {
        fixture.client().call(dsql::GetCluster{.identifier = "x"});
        FAIL() << "did not throw";
    } catch (const ApiError& error) {
        EXPECT_EQ(error.code(), "ValidationException");
        EXPECT_EQ(error.http_status(), 400);
        EXPECT_EQ(error.operation().name, "GetCluster");
    }
    EXPECT_EQ(fixture.server.requests().size(), 1U);
}

TEST(ClientCall, RefusesAnAnswerThatItCannotRead)
{
    for (const char* body : {"", "no JSON", "[]", "{}", R"({"identifier":7})"}) {
        Fixture fixture({{.status = 200, .body = body}});
        try {
            fixture.client().call(dsql::GetCluster{.identifier = "x"});
            FAIL() << "did not throw: " << body;
        } catch (const Error& error) {
            EXPECT_TRUE(std::string(error.what())
                            .starts_with("Aurora DSQL answered GetCluster with something "
                                         "unexpected: "))
                << error.what();
        }
    }
}

TEST(ClientCall, TellsWhomItCalls)
{
    Fixture fixture({refusal(429, "ThrottlingException"), cluster_answer});
    std::vector<std::string> calls;
    fixture.client({.on_call = [&](const OperationInfo& info) { calls.emplace_back(info.name); }})
        .call(dsql::GetCluster{.identifier = "x"});
    EXPECT_EQ(calls, std::vector<std::string>{"GetCluster"}) << "once for all attempts";
}

TEST(ClientFind, GivesNothingForWhatDoesNotExist)
{
    Fixture fixture({refusal(404, "ResourceNotFoundException"),
                     {.status = 404},
                     cluster_answer,
                     refusal(403, "AccessDeniedException")});
    const auto client = fixture.client();
    EXPECT_FALSE(client.find(dsql::GetCluster{.identifier = "x"}));
    EXPECT_FALSE(client.find(s3::HeadObject{.bucket = "b", .key = "k"}));
    EXPECT_TRUE(client.find(dsql::GetCluster{.identifier = "x"}));
    EXPECT_THROW(client.find(dsql::GetCluster{.identifier = "x"}), ApiError);
}

TEST(ClientPages, AreReadToTheLast)
{
    Fixture fixture({{.status = 200, .body = R"({"Functions":[],"NextMarker":"2"})"},
                     {.status = 200, .body = R"({"Functions":[],"NextMarker":"3"})"},
                     {.status = 200, .body = R"({"Functions":[]})"}});
    int pages = 0;
    fixture.client().for_each_page(lambda::ListFunctions{},
                                   [&](const lambda::ListFunctions::Response&) { ++pages; });
    EXPECT_EQ(pages, 3);
    const auto requests = fixture.server.requests();
    EXPECT_EQ(requests.at(0).query(), "");
    EXPECT_EQ(requests.at(1).query(), "Marker=2");
    EXPECT_EQ(requests.at(2).query(), "Marker=3");
}

TEST(ClientPages, EndWhenATokenComesBack)
{
    Fixture fixture({{.status = 200, .body = R"({"Functions":[],"NextMarker":"2"})"},
                     {.status = 200, .body = R"({"Functions":[],"NextMarker":"2"})"}});
    int pages = 0;
    fixture.client().for_each_page(lambda::ListFunctions{},
                                   [&](const lambda::ListFunctions::Response&) { ++pages; });
    EXPECT_EQ(pages, 2);
}

TEST(ClientRetries, WaitLongerEachTime)
{
    Fixture fixture({refusal(429, "ThrottlingException"), refusal(429, "ThrottlingException"),
                     refusal(500, "InternalServerException"), cluster_answer});
    fixture.client().call(dsql::GetCluster{.identifier = "x"});
    EXPECT_EQ(fixture.pauses, (std::vector<std::chrono::milliseconds>{250ms, 500ms, 200ms}));
}

TEST(ClientRetries, WaitOutAQuotaByTimeNotByAttempts)
{
    Fixture fixture({refusal(429, "ThrottlingException"), refusal(429, "ThrottlingException"),
                     refusal(429, "ThrottlingException"), cluster_answer});
    int heard = 0;
    fixture.client({.retry = {.max_attempts = 2}, .limits = std::make_shared<RateLimits>()})
        .heard_by([&](const OperationInfo& operation) {
            EXPECT_EQ(operation.name, "GetCluster");
            ++heard;
        })
        .call(dsql::GetCluster{.identifier = "x"});
    EXPECT_EQ(heard, 3);
}

TEST(ClientRetries, EndAfterTheLastAttempt)
{
    Fixture fixture({refusal(503, "ServiceUnavailable"), refusal(503, "ServiceUnavailable"),
                     refusal(503, "ServiceUnavailable")});
    EXPECT_THROW(
        fixture.client({.retry = {.max_attempts = 3}}).call(dsql::GetCluster{.identifier = "x"}),
        ApiError);
    EXPECT_EQ(fixture.server.requests().size(), 3U);
    EXPECT_EQ(fixture.pauses.size(), 2U);
}

TEST(ClientRetries, DoNotDoThingsTwice)
{
    Fixture fixture({refusal(500, "InternalFailure")});
    EXPECT_THROW(fixture.client().call(apigatewayv2::CreateApi{.name = "a"}), ApiError);
    EXPECT_EQ(fixture.server.requests().size(), 1U);
}

TEST(ClientRetries, FollowALostAnswerOnlyWhereThatIsHarmless)
{
    Fixture reading({{.status = 0}, cluster_answer});
    EXPECT_EQ(reading.client().call(dsql::GetCluster{.identifier = "x"}).identifier, "kiabtt");
    EXPECT_EQ(reading.pauses.size(), 1U);

    Fixture creating({{.status = 0}});
    EXPECT_THROW(creating.client().call(apigatewayv2::CreateApi{.name = "a"}), AnswerLost);
    EXPECT_TRUE(creating.pauses.empty());
}

TEST(ClientRetries, OfWhatMustBeDoneOnceAreNotMadeByLibcurlEither)
{
    Fixture fixture({cluster_answer, {.status = 0}, {.status = 200}});
    const auto client = fixture.client();
    client.call(dsql::GetCluster{.identifier = "x"}); // leaves a connection that is used again
    EXPECT_THROW(client.call(apigatewayv2::CreateApi{.name = "a"}), AnswerLost);
    EXPECT_EQ(fixture.server.requests().size(), 2U);
}

TEST(ClientRetries, ThatAreRefusedSayThatAnEarlierAttemptMayHaveSucceeded)
{
    const auto outcome_is_unknown = [](std::initializer_list<http::Response> answers) {
        Fixture fixture(answers);
        try {
            fixture.client().call(dsql::DeleteCluster{.identifier = "x"});
        } catch (const ApiError& error) {
            return error.outcome_is_unknown();
        }
        ADD_FAILURE() << "did not throw";
        return false;
    };
    const auto refused = refusal(400, "ValidationException");
    EXPECT_FALSE(outcome_is_unknown({refused}));
    EXPECT_FALSE(outcome_is_unknown({refusal(429, "ThrottlingException"), refused}));
    EXPECT_TRUE(outcome_is_unknown({{.status = 0}, refused}));
    EXPECT_TRUE(outcome_is_unknown({refusal(500, "InternalServerException"), refused}));
}

TEST(ClientCheck, ComesBeforeEachAttemptAndMayEndTheCall)
{
    Fixture fixture({refusal(500, "InternalServerException"), cluster_answer});
    std::vector<std::string> seen;
    int checks = 0;
    const auto client =
        fixture.client({.before_sending = [&](const OperationInfo&) { seen.emplace_back("sent"); }})
            .checked_by([&](const OperationInfo& info) {
                seen.emplace_back(info.name);
                if (++checks == 3)
                    throw Error("no more");
            });
    client.call(dsql::GetCluster{.identifier = "x"});
    EXPECT_THROW(client.call(dsql::GetCluster{.identifier = "x"}), Error);
    EXPECT_EQ(seen,
              (std::vector<std::string>{"GetCluster", "sent", "GetCluster", "sent", "GetCluster"}));
    EXPECT_EQ(fixture.server.requests().size(), 2U);
}

TEST(ClientRetries, ObeyRetryAfter)
{
    Fixture fixture(
        {refusal(429, "TooManyRequestsException", {{"Retry-After", "7"}}), cluster_answer});
    fixture.client().call(dsql::GetCluster{.identifier = "x"});
    EXPECT_EQ(fixture.pauses, std::vector<std::chrono::milliseconds>{7s});
}

TEST(ClientRetries, EndWhenTheWholeTakesTooLong)
{
    Fixture fixture({refusal(429, "TooManyRequestsException", {{"Retry-After", "3600"}})});
    EXPECT_THROW(fixture.client().call(dsql::GetCluster{.identifier = "x"}), ApiError);
    EXPECT_TRUE(fixture.pauses.empty());
}

TEST(ClientRetries, AreSignedAgain)
{
    Fixture fixture({refusal(500, "InternalServerException"), cluster_answer});
    int asked = 0;
    const Client client(
        std::make_shared<http::Client>(),
        [&asked] { return Credentials{.keys = {"AKID" + std::to_string(++asked), "s", ""}}; },
        {.region = "us-east-1",
         .endpoints = {.all = fixture.server.origin()},
         .sleep = [](std::chrono::milliseconds) {}});
    client.call(dsql::GetCluster{.identifier = "x"});
    EXPECT_NE(fixture.server.requests().at(1).headers.get("Authorization").find("AKID2/"),
              std::string_view::npos);
}

TEST(ClientCall, SendsNoSignatureWhereTheOperationHasNone)
{
    Fixture fixture({{.status = 200, .body = R"({"accessToken":"a","expiresIn":3600})"}});
    const Client client(std::make_shared<http::Client>(),
                        []() -> Credentials { throw Error("nobody has to sign in to sign in"); },
                        {.region = "us-east-1", .endpoints = {.all = fixture.server.origin()}});
    EXPECT_EQ(client.call(sso_oidc::CreateToken{.client_id = "c"}).access_token, "a");
    const auto request = fixture.server.requests().at(0);
    EXPECT_FALSE(request.headers.contains("Authorization"));
    EXPECT_FALSE(request.headers.contains("X-Amz-Date"));
}

/// A client with a source of numbered credentials, and what AWS answers to it.
struct ExpiringFixture : Fixture {
    using Fixture::Fixture;

    Client client()
    {
        const auto source = cached(
            [this] {
                return Credentials{
                    .keys = {"AKID" + std::to_string(std::min(++asked, different)), "s", "t"},
                    .origin = "profile 'dev', SSO session 'corp'"};
            },
            system_now);
        return {std::make_shared<http::Client>(),
                source,
                {.region = "us-east-1", .endpoints = {.all = server.origin()}}};
    }

    std::string hint_of_failure()
    {
        try {
            client().call(apigatewayv2::CreateApi{.name = "a"});
        } catch (const ApiError& error) {
            return error.hint();
        }
        return "no failure";
    }

    std::string key_of(std::size_t request) const
    {
        const auto text = std::string(server.requests().at(request).headers.get("Authorization"));
        return text.substr(text.find("AKID"), 5);
    }

    int asked = 0;
    int different = 100; ///< how many different ones the source has
};

TEST(ClientWithExpiredCredentials, AsksForNewOnesAndGoesOn)
{
    ExpiringFixture fixture(
        {refusal(403, "ExpiredTokenException"),
         {.status = 201, .body = R"({"apiId":"x","apiEndpoint":"https://x","name":"a"})"}});
    fixture.client().call(apigatewayv2::CreateApi{.name = "a"});
    EXPECT_EQ(fixture.key_of(0), "AKID1");
    EXPECT_EQ(fixture.key_of(1), "AKID2") << "also for a change that must not happen twice";
}

TEST(ClientWithExpiredCredentials, NamesASessionTokenThatIsNotKnown)
{
    for (const std::string code :
         {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"}) {
        ExpiringFixture fixture({refusal(403, code)});
        const auto hint = fixture.hint_of_failure();
        EXPECT_NE(hint.find("profile 'dev', SSO session 'corp'"), std::string::npos) << hint;
        EXPECT_NE(hint.find("AWS_SESSION_TOKEN"), std::string::npos) << hint;
    }
}

TEST(ClientWithExpiredCredentials, TriesOnce)
{
    ExpiringFixture fixture(
        {refusal(403, "ExpiredTokenException"), refusal(403, "ExpiredTokenException")});
    EXPECT_EQ(fixture.hint_of_failure(), "The credentials come from: profile 'dev', SSO session "
                                         "'corp'. Get new ones there, and run this again.");
    EXPECT_EQ(fixture.server.requests().size(), 2U);
}

TEST(ClientWithExpiredCredentials, DoesNotTryTheSameAgain)
{
    ExpiringFixture fixture({refusal(400, "ExpiredToken")});
    fixture.different = 1;
    EXPECT_NE(fixture.hint_of_failure().find("profile 'dev'"), std::string::npos);
    EXPECT_EQ(fixture.server.requests().size(), 1U);
}

TEST(ClientWithAWrongClock, IsToldByHowMuch)
{
    const auto twenty_minutes_later = from_unix_milliseconds(1'700'001'200'000);
    for (const char* code : {"SignatureDoesNotMatch", "InvalidSignatureException"}) {
        Fixture fixture({refusal(403, code, {{"Date", format_http_date(twenty_minutes_later)}})});
        try {
            fixture.client().call(dsql::GetCluster{.identifier = "x"});
            FAIL() << "did not throw";
        } catch (const ApiError& error) {
            EXPECT_TRUE(error.hint().starts_with("This machine's clock is 20 minutes behind AWS's"))
                << error.hint();
        }
    }
    Fixture right(
        {refusal(403, "SignatureDoesNotMatch",
                 {{"Date", format_http_date(from_unix_milliseconds(1'700'000'000'000))}})});
    try {
        right.client().call(dsql::GetCluster{.identifier = "x"});
        FAIL() << "did not throw";
    } catch (const ApiError& error) {
        EXPECT_TRUE(error.hint().starts_with("Check that the secret access key")) << error.hint();
    }
}

TEST(ClientBehindAProxy, DoesNotTakeAWebPageForAnAnswer)
{
    const std::string page = "<html><head><title>Sign in to the hotel</title></head></html>";
    for (const int status : {200, 403, 404}) {
        Fixture fixture({{.status = status, .body = page}});
        try {
            fixture.client().find(dsql::GetCluster{.identifier = "x"});
            FAIL() << "did not throw: " << status;
        } catch (const Error& error) {
            EXPECT_EQ(
                std::string(error.what()),
                "Aurora DSQL was asked for GetCluster, and the answer is a web page, 'Sign in "
                "to the hotel' (HTTP status " +
                    std::to_string(status) + ")");
            EXPECT_NE(error.hint().find("HTTPS_PROXY"), std::string::npos);
        }
    }
    Fixture passing({{.status = 502, .body = page}, cluster_answer});
    EXPECT_EQ(passing.client().call(dsql::GetCluster{.identifier = "x"}).identifier, "kiabtt")
        << "tried again, as after any 502";
}

TEST(ClientConnection, ThatCannotBeMadeIsExplained)
{
    std::string origin;
    {
        const ScriptedServer gone({});
        origin = gone.origin();
    }
    const Client client(std::make_shared<http::Client>(), fixed_credentials({"AKID", "s", ""}),
                        {.region = "us-east-1",
                         .endpoints = {.all = origin},
                         .retry = {.max_attempts = 2},
                         .sleep = [](std::chrono::milliseconds) {}});
    try {
        client.call(sts::GetCallerIdentity{});
        FAIL() << "did not throw";
    } catch (const Error& error) {
        EXPECT_TRUE(std::string(error.what())
                        .starts_with("STS gave no answer to GetCallerIdentity at " + origin))
            << error.what();
        EXPECT_NE(error.hint().find("nimbus local start"), std::string::npos);
    }
}

TEST(WithEnvironment, TakesAttemptsAndEndpoints)
{
    const auto options = with_environment(
        {.region = "eu-west-1"},
        fixed_environment({{"AWS_MAX_ATTEMPTS", "9"}, {"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}}));
    EXPECT_EQ(options.retry.max_attempts, 9);
    EXPECT_EQ(options.endpoints.all, "http://127.0.0.1:1");
    EXPECT_EQ(options.region, "eu-west-1");
}

TEST(WithEnvironment, LeavesEndpointsThatAreThere)
{
    const auto options =
        with_environment({.endpoints = {.all = "http://127.0.0.1:1"}},
                         fixed_environment({{"AWS_ENDPOINT_URL", "http://127.0.0.1:2"},
                                            {"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3"}}));
    EXPECT_EQ(options.endpoints, EndpointSettings{.all = "http://127.0.0.1:1"});
}

TEST(WithEnvironment, RefusesAttemptsThatAreNoNumber)
{
    for (const char* value : {"0", "-1", "many", "3x"})
        EXPECT_THROW(with_environment({}, fixed_environment({{"AWS_MAX_ATTEMPTS", value}})),
                     UsageError)
            << value;
}

/// Accepts connections, by its backlog, and never says anything.
class SilentServer {
public:
    SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket_.get(), name, size), 0);
        EXPECT_EQ(::listen(socket_.get(), 16), 0);
        EXPECT_EQ(::getsockname(socket_.get(), name, &size), 0);
        origin_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }

    const std::string& origin() const { return origin_; }

private:
    UniqueFd socket_;
    std::string origin_;
};

TEST(ClientCall, DoesNotWaitLongForAServiceOfCredentials)
{
    const SilentServer silent;
    const Client client(std::make_shared<http::Client>(), fixed_credentials({"AKID", "secret"}),
                        {.region = "us-east-1",
                         .endpoints = {.all = silent.origin()},
                         .quick = {.attempt = 50ms, .total = 200ms}});
    const auto start = std::chrono::steady_clock::now();
    try {
        client.call(sts::GetCallerIdentity{});
        FAIL() << "there is no answer";
    } catch (const Error& error) {
        EXPECT_TRUE(std::string(error.what())
                        .starts_with("STS gave no answer to GetCallerIdentity at " +
                                     silent.origin() + ": "))
            << error.what();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s) << "the usual limit is minutes";
}

} // namespace
} // namespace nimbus::aws

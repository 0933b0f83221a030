#include "base/encoding.h"
#include "base/file.h"
#include "base/test_log.h"
#include "crypto/digest.h"
#include "local/control_plane/catalog.h"
#include "local/control_plane/control_plane.h"
#include "local/control_plane/served.h"
#include "local/dsql/cluster_host.h"
#include "local/gateway/api.h"
#include "local/lambda/function.h"
#include "local/services/test_calls.h"
#include "sigv4/sigv4.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <future>

namespace nimbus::local {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing_calls::element;
using testing_calls::error_of;

class NoInvoker : public Invoker {
public:
    void invoke(std::shared_ptr<const Function>, std::string, Caller, Done done) override
    {
        done({});
    }
    void retire(const std::string&, const std::string&) override {}
};

class NoApis : public ApiHost {
public:
    std::uint16_t open(const std::string&, std::uint16_t) override { return 4001; }
    void publish(std::shared_ptr<const Api>) override {}
    void close(const std::string&) override {}
};

class NoClusters : public ClusterHost {
public:
    std::string reserve_address(const Cluster&) override { return "127.1.0.1"; }
    void start(const Cluster&, std::function<void(std::string)>) override {}
    void remove(const std::string&, std::function<void(std::string)>) override {}
    ClusterCopy copy(const std::string&) override { return {}; }
    void remove_copy(const std::string&, const std::string&) override {}
    void back_up(const std::string&, const std::filesystem::path&) override {}
};

const sigv4::Credentials administrator{.access_key_id = "AKIAROOT", .secret_access_key = "secret"};

class ControlPlaneTest : public testing::Test {
protected:
    void SetUp() override { plane_.start({invoker_, apis_, clusters_}); }

    static sigv4::Request request(const std::string& method, const std::string& path,
                                  const std::string& query = {})
    {
        return {.method = method,
                .path = path,
                .query = query,
                .headers = {{"Host", "127.0.0.1:4566"}}};
    }

    http::Response send(const sigv4::Request& signed_request, const std::string& body = {})
    {
        http::Headers headers;
        for (const auto& [name, value] : signed_request.headers)
            headers.add(name, value);
        auto target = signed_request.path;
        if (!signed_request.query.empty())
            target += "?" + signed_request.query;
        const auto answer = std::make_shared<std::promise<http::Response>>();
        plane_.front_door()(
            {.method = signed_request.method,
             .target = target,
             .headers = headers,
             .body = body,
             .peer_address = "127.0.0.1"},
            [answer](http::Response response) { answer->set_value(std::move(response)); });
        return answer->get_future().get();
    }

    http::Response call(const std::string& service, sigv4::Request of, const std::string& body,
                        const sigv4::Credentials& credentials = administrator)
    {
        sigv4::sign_headers(of, credentials, "us-east-1", service, crypto::sha256_hex(body), now_);
        return send(of, body);
    }

    http::Response query(const std::string& service, const std::string& form,
                         const sigv4::Credentials& credentials = administrator)
    {
        return call(service, request("POST", "/"), form, credentials);
    }

    std::string code(const http::Response& response)
    {
        return std::to_string(response.status) + " " + element(response, "Code");
    }

    /// A user without policies.
    sigv4::Credentials add_user()
    {
        query("iam", "Action=CreateUser&UserName=ana");
        const auto key = query("iam", "Action=CreateAccessKey&UserName=ana");
        return {.access_key_id = element(key, "AccessKeyId"),
                .secret_access_key = element(key, "SecretAccessKey")};
    }

    TemporaryDirectory directory_;
    sqlite::Database database_{":memory:"};
    SystemTime now_ = *parse_iso8601("2024-12-01T12:00:00Z");
    std::atomic<SystemTime> cloud_now_ = now_; ///< which the services' threads look at
    NoInvoker invoker_;
    NoApis apis_;
    NoClusters clusters_;
    std::unique_ptr<net::WorkerPool> workers_ = std::make_unique<net::WorkerPool>(1);
    TestLog log_;
    ControlPlane plane_{{.account_id = "123456789012",
                         .region = "us-east-1",
                         .directory = directory_.path(),
                         .administrator = {"AKIAROOT", "secret"},
                         .clock = [this] { return cloud_now_.load(); },
                         .log = log_.log()},
                        database_,
                        *workers_};

    void TearDown() override { workers_.reset(); }
};

TEST_F(ControlPlaneTest, EachOperationOfAwsHasAVerdictOnItsInput)
{
    sqlite::Database database{":memory:"};
    const TemporaryDirectory directory;
    const Catalog catalog({.account_id = "123456789012",
                           .region = "us-east-1",
                           .directory = directory.path(),
                           .administrator = {"AKIAROOT", "secret"},
                           .clock = system_now,
                           .log = log_.log()},
                          database);
    std::size_t with_verdicts = 0;
    for (const auto& service : catalog.services()) {
        if (service.inputs.empty())
            continue; // what AWS does not have
        ++with_verdicts;
        EXPECT_FALSE(service.input_error.empty()) << service.signing_name;
        for (const auto& operation : service.operations)
            EXPECT_EQ(std::ranges::count(service.inputs, operation.name, &InputMembers::operation),
                      1)
                << service.signing_name << " " << operation.name;
        EXPECT_EQ(service.inputs.size(), service.operations.size()) << service.signing_name;
    }
    EXPECT_EQ(with_verdicts, served_services().size());
}

TEST_F(ControlPlaneTest, TheCredentialScopeChoosesTheService)
{
    const auto identity = query("sts", "Action=GetCallerIdentity");
    EXPECT_EQ(element(identity, "Arn"), "arn:aws:iam::123456789012:root");
    EXPECT_EQ(call("lambda", request("GET", "/2015-03-31/functions"), {}).body,
              R"({"Functions":[]})");
    EXPECT_EQ(call("s3", request("PUT", "/bucket"), {}).status, 200);
    EXPECT_EQ(error_of(call("sqs", request("GET", "/"), {})), "404 UnknownOperationException");
}

TEST_F(ControlPlaneTest, AWrongSecretIsToldInTheServicesOwnWords)
{
    const sigv4::Credentials wrong{.access_key_id = "AKIAROOT", .secret_access_key = "guess"};
    EXPECT_EQ(code(query("sts", "Action=GetCallerIdentity", wrong)), "403 SignatureDoesNotMatch");
    EXPECT_EQ(error_of(call("lambda", request("GET", "/2015-03-31/functions"), {}, wrong)),
              "403 InvalidSignatureException");
    EXPECT_EQ(code(call("s3", request("GET", "/"), {}, wrong)), "403 SignatureDoesNotMatch");
}

TEST_F(ControlPlaneTest, AnUnknownKeyIsToldInTheServicesOwnWords)
{
    const sigv4::Credentials nobody{.access_key_id = "AKIANOBODY", .secret_access_key = "x"};
    EXPECT_EQ(code(query("sts", "Action=GetCallerIdentity", nobody)), "403 InvalidClientTokenId");
    EXPECT_EQ(error_of(call("dsql", request("GET", "/cluster"), {}, nobody)),
              "403 UnrecognizedClientException");
    EXPECT_EQ(code(call("s3", request("GET", "/"), {}, nobody)), "403 InvalidAccessKeyId");
}

TEST_F(ControlPlaneTest, ARequestWithoutSignatureIsRefused)
{
    EXPECT_EQ(code(send(request("POST", "/"), "Action=ListUsers")),
              "403 MissingAuthenticationToken");
    EXPECT_EQ(code(send(request("GET", "/bucket/key"))), "403 AccessDenied");
    EXPECT_EQ(error_of(send(request("GET", "/cluster"))),
              "403 MissingAuthenticationTokenException");
    auto to_secrets = request("POST", "/");
    to_secrets.headers.emplace_back("X-Amz-Target", "secretsmanager.ListSecrets");
    EXPECT_EQ(error_of(send(to_secrets)), "400 MissingAuthenticationTokenException");
}

TEST_F(ControlPlaneTest, TheOldSignatureIsNamedAsTheReason)
{
    EXPECT_EQ(code(send(request("GET", "/bucket/key", "AWSAccessKeyId=AKIAROOT&Signature=x"))),
              "403 AccessDenied"); // it lacks its end
    auto in_header = request("GET", "/bucket/key");
    in_header.headers.emplace_back("Authorization", "AWS AKIAROOT:x");
    EXPECT_EQ(code(send(in_header)), "400 InvalidRequest");
}

TEST_F(ControlPlaneTest, AChangedBodyIsRefused)
{
    auto of = request("POST", "/");
    sigv4::sign_headers(of, administrator, "us-east-1", "iam",
                        crypto::sha256_hex("Action=ListUsers"), now_);
    EXPECT_EQ(send(of, "Action=ListUsers").status, 200);
    EXPECT_EQ(code(send(of, "Action=ListRoles")), "403 SignatureDoesNotMatch");
}

TEST_F(ControlPlaneTest, AnOldRequestIsRefused)
{
    cloud_now_ = now_ + std::chrono::minutes(16);
    EXPECT_EQ(query("sts", "Action=GetCallerIdentity").status, 403);
}

TEST_F(ControlPlaneTest, WhatNoPolicyAllowsIsRefused)
{
    const auto ana = add_user();
    EXPECT_EQ(element(query("sts", "Action=GetCallerIdentity", ana), "Arn"),
              "arn:aws:iam::123456789012:user/ana");
    EXPECT_EQ(code(query("iam", "Action=ListUsers", ana)), "403 AccessDenied");
    const auto refused = call("lambda", request("GET", "/2015-03-31/functions/fn"), {}, ana);
    EXPECT_EQ(error_of(refused), "403 AccessDeniedException");
    EXPECT_NE(refused.body.find("is not authorized to perform: lambda:GetFunction on resource: "
                                "arn:aws:lambda:us-east-1:123456789012:function:fn"),
              std::string::npos);
}

TEST_F(ControlPlaneTest, APolicyMayNameASecretByItsArnOrItsTags)
{
    const auto ana = add_user();
    const auto secrets = [&](const std::string& operation, const std::string& body,
                             const sigv4::Credentials& credentials = administrator) {
        auto of = request("POST", "/");
        of.headers.emplace_back("X-Amz-Target", "secretsmanager." + operation);
        return call("secretsmanager", of, body, credentials);
    };
    const auto create = [&](const std::string& name, const std::string& team) {
        const auto created =
            secrets("CreateSecret", R"({"Name":")" + name +
                                        R"(","SecretString":"v","Tags":[{"Key":"team",)"
                                        R"("Value":")" +
                                        team + R"("}],"ClientRequestToken":")" +
                                        std::string(32, 't') + "\"}");
        return string_or_empty(testing_calls::body_of(created), "ARN");
    };
    const auto get = [&](const std::string& name) {
        return secrets("GetSecretValue", R"({"SecretId":")" + name + "\"}", ana).status;
    };
    const auto arn = create("mine", "a");
    create("tagged", "b");
    create("other", "c");
    EXPECT_EQ(get("mine"), 400);
    query("iam", "Action=PutUserPolicy&UserName=ana&PolicyName=p&PolicyDocument=" +
                     percent_encode(R"({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": ")" +
                                    arn + R"("},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
         "Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "b"}}}]})"));
    EXPECT_EQ(get("mine"), 200);
    EXPECT_EQ(get("tagged"), 200);
    EXPECT_EQ(get("other"), 400);
    EXPECT_EQ(error_of(secrets("PutSecretValue", R"({"SecretId":"mine"})", ana)),
              "400 AccessDeniedException");
}

TEST_F(ControlPlaneTest, SessionCredentialsNeedTheirTokenAndExpire)
{
    query("iam",
          "Action=CreateRole&RoleName=app&AssumeRolePolicyDocument="
          "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow"
          "%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%7B%22Service%22%3A%22"
          "lambda.amazonaws.com%22%7D%7D%5D%7D");
    const auto key = plane_.access_control().assume_role_for_service(
        "arn:aws:iam::123456789012:role/app", "lambda.amazonaws.com", "fn", std::chrono::hours(1));
    sigv4::Credentials session{.access_key_id = key.access_key_id,
                               .secret_access_key = key.secret_access_key,
                               .session_token = key.session_token};
    const std::string who = "Action=GetCallerIdentity";
    EXPECT_EQ(element(query("sts", who, session), "Arn"),
              "arn:aws:sts::123456789012:assumed-role/app/fn");
    auto stolen = session;
    stolen.session_token = "other";
    EXPECT_EQ(code(query("sts", who, stolen)), "403 InvalidClientTokenId");
    stolen.session_token.clear();
    EXPECT_EQ(code(query("sts", who, stolen)), "403 InvalidClientTokenId");
    now_ += std::chrono::hours(1);
    cloud_now_ = now_;
    EXPECT_EQ(code(query("sts", who, session)), "403 ExpiredToken");
}

TEST_F(ControlPlaneTest, ATrustPolicyLetsInWhomItNamesUnderItsConditions)
{
    const auto ana = add_user();
    query("iam", "Action=CreateRole&RoleName=app&AssumeRolePolicyDocument=" + percent_encode(R"({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}},
            {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": "arn:aws:iam::123456789012:user/ana"},
             "Condition": {"StringEquals": {"sts:ExternalId": "agreed"},
                           "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/a*"}}}]})"));
    const std::string assume = "Action=AssumeRole&RoleSessionName=me&RoleArn="
                               "arn:aws:iam::123456789012:role/app";
    EXPECT_EQ(code(query("sts", assume, ana)), "403 AccessDenied");
    EXPECT_EQ(query("sts", assume + "&ExternalId=agreed", ana).status, 200);
}

TEST_F(ControlPlaneTest, PresignedObjectsWorkUntilTheyExpire)
{
    call("s3", request("PUT", "/bucket"), {});
    auto put = request("PUT", "/bucket/key");
    put.query = sigv4::presign_query(put, administrator, "us-east-1", "s3", sigv4::unsigned_payload,
                                     std::chrono::minutes(5), now_);
    EXPECT_EQ(send(put, "content").status, 200);
    auto get = request("GET", "/bucket/key");
    get.query = sigv4::presign_query(get, administrator, "us-east-1", "s3", sigv4::unsigned_payload,
                                     std::chrono::minutes(5), now_);
    EXPECT_EQ(send(get).body, "content");
    cloud_now_ = now_ + std::chrono::minutes(6);
    EXPECT_EQ(code(send(get)), "403 AccessDenied");
}

TEST_F(ControlPlaneTest, APresignedLinkIsForTheRequestThatWasSigned)
{
    call("s3", request("PUT", "/bucket"), {});
    call("s3", request("PUT", "/bucket/secret"), "content");
    auto put = request("PUT", "/bucket/key");
    put.query = sigv4::presign_query(put, administrator, "us-east-1", "s3", sigv4::unsigned_payload,
                                     std::chrono::minutes(5), now_);
    put.headers.emplace_back("X-Amz-Copy-Source", "/bucket/secret");
    const auto refused = send(put);
    EXPECT_EQ(code(refused), "403 AccessDenied");
    EXPECT_EQ(element(refused, "HeadersNotSigned"), "x-amz-copy-source");
}

TEST_F(ControlPlaneTest, ABucketMayBeNamedByTheHost)
{
    call("s3", request("PUT", "/bucket"), {});
    call("s3", request("PUT", "/bucket/key"), "content");
    for (const auto* host : {"bucket.localhost:4566", "bucket.s3.us-east-1.localhost:4566"}) {
        auto get = request("GET", "/key");
        get.headers[0].second = host;
        EXPECT_EQ(call("s3", get, {}).body, "content") << host;
    }
}

TEST_F(ControlPlaneTest, FramedUploadsAreStoredWithoutTheirFrames)
{
    call("s3", request("PUT", "/bucket"), {});
    auto put = request("PUT", "/bucket/key");
    put.headers.emplace_back("Content-Encoding", "aws-chunked");
    put.headers.emplace_back("X-Amz-Trailer", "x-amz-checksum-crc32");
    sigv4::sign_headers(put, administrator, "us-east-1", "s3", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                        now_);
    EXPECT_EQ(send(put, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").status, 200);
    const auto got = call("s3", request("GET", "/bucket/key"), {});
    EXPECT_EQ(got.body, "hello");
    EXPECT_FALSE(got.headers.contains("content-encoding"));
    EXPECT_EQ(code(send(put, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")),
              "400 BadDigest");
}

TEST_F(ControlPlaneTest, TheLogHasACallUnderTheIdThatItsCallerGot)
{
    const auto answer = call("lambda", request("GET", "/2015-03-31/functions"), {});
    EXPECT_THAT(log_.last(),
                AllOf(HasSubstr(" level=debug component=front_door message=\"A call of a service "
                                "was answered\" request_id=" +
                                std::string(answer.headers.get("x-amzn-requestid")) +
                                " service=lambda operation=ListFunctions "),
                      HasSubstr(" status=200 ")));
}

TEST_F(ControlPlaneTest, TheLogSaysWhichPolicyDecisionRefusedACall)
{
    const auto ana = add_user();
    const auto answer = query("iam", "Action=ListUsers", ana);
    EXPECT_THAT(log_.last(),
                AllOf(HasSubstr(" level=info "), HasSubstr(element(answer, "RequestId")),
                      HasSubstr("service=iam operation=ListUsers status=403 code=AccessDenied "
                                "reason=\"User: arn:aws:iam::123456789012:user/ana is not "
                                "authorized to perform: iam:ListUsers")));
}

TEST_F(ControlPlaneTest, WhatCallersSendIsNotInTheLog)
{
    auto of = request("POST", "/");
    of.headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 marked-secret");
    EXPECT_EQ(send(of, "Action=marked-secret").status, 400);
    call("lambda", request("GET", "/2015-03-31/functions/marked-secret!"), {});
    query("iam", "Action=CreateUser&UserName=marked-secret!");
    EXPECT_THAT(log_.lines(), Contains(HasSubstr("message=\"A call of a service was refused\"")));
    EXPECT_THAT(log_.lines(), Not(Contains(HasSubstr("marked-secret"))));
}

TEST_F(ControlPlaneTest, EveryAnswerHasARequestId)
{
    EXPECT_TRUE(query("sts", "Action=Nothing").headers.contains("x-amzn-RequestId"));
    EXPECT_TRUE(send(request("GET", "/bucket")).headers.contains("x-amz-request-id"));
}

} // namespace
} // namespace nimbus::local

#include "base/encoding.h"
#include "local/iam/identity_access.h"
#include "local/services/lambda/lambda_service.h"
#include "local/services/s3/s3_store.h"
#include "local/services/test_calls.h"
#include "sigv4/sigv4.h"

#include <gmock/gmock.h>
#include <zip.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto functions_path = "/2015-03-31/functions";
constexpr auto function_path = "/2015-03-31/functions/fn";
const std::string source_arn = "arn:aws:execute-api:us-east-1:123456789012:api/dev/GET/info";

/// Of files with the same content.
std::string zip_of(const TemporaryDirectory& directory, const std::vector<std::string>& names,
                   const std::string& content = "x")
{
    const auto path = directory.path() / "code.zip";
    auto* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& name : names)
        zip_file_add(archive, name.c_str(),
                     zip_source_buffer(archive, content.data(), content.size(), 0),
                     ZIP_FL_ENC_UTF_8);
    zip_close(archive);
    return read_file(path);
}

std::string zip_with(const TemporaryDirectory& directory, const std::string& name,
                     const std::string& content)
{
    return base64_encode(zip_of(directory, {name}, content));
}

class EchoInvoker : public Invoker {
public:
    void invoke(std::shared_ptr<const Function>, std::string payload, Caller, Done done) override
    {
        payloads.push_back(payload);
        done({.kind = next_kind, .payload = std::move(payload), .log_tail = "log"});
    }
    void retire(const std::string&, const std::string& revision) override
    {
        retired.push_back(revision);
    }

    InvocationResult::Kind next_kind = InvocationResult::Kind::success;
    std::vector<std::string> payloads;
    std::vector<std::string> retired;
};

class LambdaService : public testing::Test {
protected:
    void SetUp() override
    {
        auto role = identities_.make(iam::Identity::Kind::role, "app", "/");
        role.trust_policy =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
            R"("Principal":{"Service":"lambda.amazonaws.com"}}]})";
        identities_.put(role);
    }

    json::object request()
    {
        return {{"FunctionName", "fn"},
                {"Runtime", "provided.al2023"},
                {"Handler", "get-info"},
                {"Role", "arn:aws:iam::123456789012:role/app"},
                {"Code", json::object{{"ZipFile", zip_with(directory_, "bootstrap", "x")}}}};
    }
    http::Response create(const json::object& body)
    {
        return send_json(service_, "POST", functions_path, pretty_json(body));
    }
    /// Signed, as the link to the code is.
    json::object get_function(const Principal& caller)
    {
        sigv4::Request to_sign{.method = "GET",
                               .path = function_path,
                               .query = {},
                               .headers = {{"Host", "127.0.0.1:4566"}}};
        sigv4::sign_headers(to_sign, {"AKIAROOT", "secret", {}}, "us-east-1", "lambda",
                            sigv4::unsigned_payload, system_now());
        http::Request request{.method = "GET", .target = function_path};
        for (const auto& [name, value] : to_sign.headers)
            request.headers.add(name, value);
        json::object answer;
        service_.handle({.account_id = "123456789012",
                         .region = "us-east-1",
                         .endpoint = "http://127.0.0.1:4566",
                         .caller = caller,
                         .request = std::move(request)},
                        [&](const http::Response& response) { answer = body_of(response); });
        return answer;
    }
    std::string refusal(std::string_view member, json::value value)
    {
        auto body = request();
        body[member] = std::move(value);
        return error_of(create(body));
    }

    TemporaryDirectory directory_;
    sqlite::Database database_{":memory:"};
    iam::IdentityStore identities_{database_, "123456789012", system_now};
    iam::IdentityAccess access_{identities_, {"AKIAROOT", "secret"}};
    S3Store objects_{database_, directory_.path() / "objects", system_now};
    BlobStore code_{directory_.path() / "functions"};
    FunctionRegistry functions_{database_, "us-east-1"};
    EchoInvoker invoker_;
    std::atomic<Invoker*> attached_ = &invoker_;
    EventQueue events_{database_, functions_, system_now, {}};
    Service service_ = make_lambda_service({.functions = functions_,
                                            .access = access_,
                                            .objects = objects_,
                                            .code = code_,
                                            .events = events_,
                                            .clock = system_now,
                                            .invoker = attached_});
};

TEST_F(LambdaService, ACreatedFunctionIsFoundByTheDataPlane)
{
    const auto created = create(request());
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(body_of(created).at("State"), "Active");
    const auto function =
        functions_.find_function("arn:aws:lambda:us-east-1:123456789012:function:fn:$LATEST");
    ASSERT_TRUE(function);
    EXPECT_EQ(function, functions_.find_function("fn"));
    EXPECT_EQ(function->handler, "get-info");
    EXPECT_TRUE(std::filesystem::exists(function->code_zip));
    EXPECT_EQ(error_of(create(request())), "409 ResourceConflictException");
    FunctionRegistry after_restart(database_, "us-east-1");
    EXPECT_EQ(after_restart.find_function("fn")->revision_id, function->revision_id);
}

TEST_F(LambdaService, BadInputIsRefusedAsLambdaDoes)
{
    EXPECT_EQ(refusal("FunctionName", "a b"), "400 ValidationException");
    EXPECT_EQ(refusal("MemorySize", 64), "400 ValidationException");
    EXPECT_EQ(refusal("Timeout", 901), "400 ValidationException");
    EXPECT_EQ(refusal("Runtime", "cobol"), "400 InvalidParameterValueException");
    EXPECT_EQ(refusal("Handler", "a b"), "400 ValidationException");
    EXPECT_EQ(refusal("Role", "arn:aws:iam::123456789012:role/nobody"),
              "400 InvalidParameterValueException");
    const auto environment = [&](const std::string& name, const std::string& value) {
        return refusal("Environment", json::object{{"Variables", json::object{{name, value}}}});
    };
    EXPECT_EQ(environment("AWS_REGION", "x"), "400 InvalidParameterValueException");
    EXPECT_EQ(environment("BIG", std::string(4096, 'x')), "400 InvalidParameterValueException");
    EXPECT_EQ(environment("1A", "x"), "400 ValidationException");
    EXPECT_EQ(refusal("Code", json::object{{"ZipFile", base64_encode("no zip")}}),
              "400 InvalidParameterValueException");
    for (const auto* name : {"../up", "..\\up", "lib\\..\\..\\up", "\\up", "/up", "c:\\up", "C:up"})
        EXPECT_EQ(refusal("Code", json::object{{"ZipFile", zip_with(directory_, name, "x")}}),
                  "400 InvalidParameterValueException")
            << name;
    const auto refused_zip = [&](const std::string& zip) {
        return refusal("Code", json::object{{"ZipFile", base64_encode(zip)}});
    };
    auto flipped = zip_of(directory_, {"bootstrap"}, "some text");
    const auto end_of_header = flipped.find("bootstrap") + std::string_view("bootstrap").size();
    flipped[end_of_header + 2] ^= 1;
    EXPECT_EQ(refused_zip(flipped), "400 InvalidParameterValueException") << "its CRC is another";
    EXPECT_EQ(refused_zip(zip_of(directory_, {"a/b", "a"})), "400 InvalidParameterValueException");
    EXPECT_EQ(refused_zip(zip_of(directory_, {"a", "a/b/c"})),
              "400 InvalidParameterValueException");
    EXPECT_EQ(refused_zip(zip_of(directory_, {"lib/" + std::string(300, 'n')})),
              "400 InvalidParameterValueException");
    EXPECT_EQ(refusal("Code", json::object{{"S3Bucket", "none"}, {"S3Key", "k"}}),
              "400 InvalidParameterValueException");
}

TEST_F(LambdaService, CodeThatFunctionsShareIsReadFromS3Once)
{
    objects_.put_bucket({.name = "code", .region = "us-east-1"});
    Object object{.bucket = "code", .key = "k"};
    const auto zip = base64_decode(zip_with(directory_, "bootstrap", "x")).value();
    objects_.put(object, zip, [](const auto&) {});
    auto body = request();
    body["Code"] = json::object{{"S3Bucket", "code"}, {"S3Key", "k"}};
    const auto first = body_of(create(body));
    std::filesystem::remove(objects_.blobs().path_of(object.blob));
    body["FunctionName"] = "other";
    const auto second = create(body);
    EXPECT_EQ(second.status, 201);
    for (const auto* member : {"CodeSha256", "CodeSize"})
        EXPECT_EQ(body_of(second).at(member), first.at(member));
    EXPECT_EQ(functions_.find_function("other")->code_zip,
              functions_.find_function("fn")->code_zip);
}

TEST_F(LambdaService, TheLinkToTheCodeIsPresignedForTenMinutes)
{
    create(request());
    const auto answer = get_function(administrator);
    const auto& code = answer.at("Code").as_object();
    EXPECT_EQ(code.at("RepositoryType"), "S3");
    const std::string link(code.at("Location").as_string());
    EXPECT_THAT(link, StartsWith("http://127.0.0.1:4566/snapshots/123456789012/" +
                                 functions_.find_function("fn")->code_sha256 + "?"));
    EXPECT_THAT(link, HasSubstr("X-Amz-Expires=600"));
    EXPECT_THAT(link, HasSubstr("X-Amz-SignedHeaders=host"));
}

TEST_F(LambdaService, TagsAreShownToWhoMayListThem)
{
    auto body = request();
    body["Tags"] = json::object{{"team", "web"}};
    create(body);
    const auto shows_tags = [&](const Principal& caller) {
        const auto answer = get_function(caller);
        EXPECT_TRUE(answer.contains("Configuration"));
        return answer.contains("Tags");
    };
    EXPECT_TRUE(shows_tags(administrator));
    auto user = administrator;
    user.kind = Principal::Kind::user;
    EXPECT_FALSE(shows_tags(user));
}

TEST_F(LambdaService, AnUpdateMakesANewRevisionAndRetiresTheOld)
{
    const auto first = string_or_empty(body_of(create(request())), "RevisionId");
    const auto updated = body_of(send_json(
        service_, "PUT", "/2015-03-31/functions/fn/code",
        pretty_json(json::object{{"ZipFile", zip_with(directory_, "bootstrap", "two")}})));
    EXPECT_NE(updated.at("RevisionId"), json::string_view(first));
    EXPECT_EQ(invoker_.retired, std::vector<std::string>{string_or_empty(updated, "RevisionId")});
    EXPECT_EQ(error_of(send_json(service_, "PUT", "/2015-03-31/functions/fn/configuration",
                                 R"({"Timeout":9,"RevisionId":")" + first + R"("})")),
              "412 PreconditionFailedException");
}

TEST_F(LambdaService, InvocationsCarryErrorsAndLogs)
{
    create(request());
    const auto invoke = [&](http::Headers headers, const std::string& payload = "{\"a\":1}") {
        return send(service_, {.method = "POST",
                               .target = "/2015-03-31/functions/fn/invocations",
                               .body = payload,
                               .headers = std::move(headers)});
    };
    const auto plain = invoke({{"X-Amz-Log-Type", "Tail"}});
    EXPECT_EQ(plain.body, "{\"a\":1}");
    EXPECT_EQ(plain.headers.get("x-amz-log-result"), base64_encode("log"));
    EXPECT_FALSE(plain.headers.contains("x-amz-function-error"));
    EXPECT_EQ(invoke({{"X-Amz-Invocation-Type", "DryRun"}}).status, 204);
    EXPECT_EQ(error_of(invoke({}, "{")), "400 InvalidRequestContentException");
    invoker_.next_kind = InvocationResult::Kind::function_error;
    EXPECT_EQ(invoke({}).headers.get("x-amz-function-error"), "Unhandled");
    invoker_.next_kind = InvocationResult::Kind::throttled;
    EXPECT_EQ(error_of(invoke({})), "429 TooManyRequestsException");
}

TEST_F(LambdaService, AnEventIsAnsweredAtOnceAndRunsOutOfTheQueue)
{
    create(request());
    const auto invoke = [&](const std::string& payload) {
        return send(service_, {.method = "POST",
                               .target = "/2015-03-31/functions/fn/invocations",
                               .body = payload,
                               .headers = {{"X-Amz-Invocation-Type", "Event"}}});
    };
    const auto answer = invoke("{\"a\":1}");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(error_of(invoke("{")), "400 InvalidRequestContentException");
    EXPECT_EQ(error_of(invoke('"' + std::string(1'048'576, 'x') + '"')),
              "413 RequestTooLargeException");
    EXPECT_EQ(invoker_.payloads, std::vector<std::string>{});
    events_.attach(invoker_);
    events_.run_due();
    EXPECT_EQ(invoker_.payloads, std::vector<std::string>{"{\"a\":1}"});
}

TEST_F(LambdaService, OtherServicesSendEventsAsThePoliciesAllow)
{
    create(request());
    const std::string arn = "arn:aws:lambda:us-east-1:123456789012:function:fn";
    const auto role = access_.act_as_role("arn:aws:iam::123456789012:role/app",
                                          "lambda.amazonaws.com", "session", {});
    LambdaEventInvoker events(functions_, access_, events_);
    const auto refusal = [&](const Principal& caller, const std::string& function,
                             const std::string& payload) {
        try {
            events.invoke_event(caller, function, payload);
            return std::string();
        } catch (const ServiceError& error) {
            return error.code;
        }
    };
    EXPECT_EQ(refusal(role, arn, "{}"), "AccessDeniedException");
    EXPECT_EQ(refusal(administrator, arn + "s", "{}"), "ResourceNotFoundException");
    EXPECT_EQ(refusal(administrator, arn, "{"), "InvalidRequestContentException");
    EXPECT_EQ(refusal(administrator, arn, "{}"), "");
    events_.attach(invoker_);
    events_.run_due();
    EXPECT_EQ(invoker_.payloads, std::vector<std::string>{"{}"});
}

TEST_F(LambdaService, AFunctionSaysHowItsEventsAreRunAgain)
{
    create(request());
    const std::string path = "/2019-09-25/functions/fn/event-invoke-config";
    EXPECT_EQ(error_of(send_json(service_, "GET", path)), "404 ResourceNotFoundException");
    EXPECT_EQ(error_of(send_json(service_, "POST", path, R"({"MaximumRetryAttempts":1})")),
              "404 ResourceNotFoundException");
    const auto put = body_of(send_json(service_, "PUT", path, R"({"MaximumRetryAttempts":0})"));
    EXPECT_EQ(put.at("MaximumRetryAttempts"), 0);
    EXPECT_EQ(put.at("FunctionArn"), "arn:aws:lambda:us-east-1:123456789012:function:fn:$LATEST");
    send_json(service_, "POST", path, R"({"MaximumEventAgeInSeconds":60})");
    const auto record = *functions_.find("us-east-1", "fn");
    EXPECT_EQ(record.maximum_retry_attempts(), 0);
    EXPECT_EQ(record.maximum_event_age(), std::chrono::seconds(60));
    const auto list = body_of(send_json(service_, "GET", path + "/list"));
    EXPECT_EQ(list.at("FunctionEventInvokeConfigs").as_array().size(), 1U);

    EXPECT_EQ(error_of(send_json(service_, "PUT", path, R"({"MaximumRetryAttempts":3})")),
              "400 ValidationException");
    EXPECT_EQ(error_of(send_json(service_, "PUT", path,
                                 R"({"DestinationConfig":{"OnFailure":{"Destination":"arn"}}})")),
              "400 InvalidParameterValueException");
    EXPECT_EQ(send_json(service_, "DELETE", path).status, 204);
    EXPECT_EQ(functions_.find("us-east-1", "fn")->maximum_retry_attempts(), 2);
    EXPECT_EQ(functions_.find("us-east-1", "fn")->maximum_event_age(), std::chrono::hours(6));
}

TEST_F(LambdaService, ThePolicyDecidesWhatTheGatewayMayInvoke)
{
    create(request());
    const std::string arn = "arn:aws:lambda:us-east-1:123456789012:function:fn";
    EXPECT_FALSE(functions_.api_gateway_may_invoke(arn, source_arn));
    const std::string permission =
        R"({"StatementId":"gateway","Action":"lambda:InvokeFunction",)"
        R"("Principal":"apigateway.amazonaws.com",)"
        R"("SourceArn":"arn:aws:execute-api:us-east-1:123456789012:api/*/GET/info"})";
    const std::string policy = std::string(function_path) + "/policy";
    EXPECT_EQ(send_json(service_, "POST", policy, permission).status, 201);
    EXPECT_TRUE(functions_.api_gateway_may_invoke(arn, source_arn));
    EXPECT_FALSE(functions_.api_gateway_may_invoke(
        arn, "arn:aws:execute-api:us-east-1:123456789012:other/dev/GET/info"));
    EXPECT_EQ(error_of(send_json(service_, "POST", policy, permission)),
              "409 ResourceConflictException");
    EXPECT_EQ(send_json(service_, "DELETE", policy + "/gateway").status, 204);
    EXPECT_FALSE(functions_.api_gateway_may_invoke(arn, source_arn));
    EXPECT_EQ(error_of(send_json(service_, "GET", policy)), "404 ResourceNotFoundException");
}

TEST_F(LambdaService, ListsComeInPagesByName)
{
    for (const auto* name : {"b", "a", "c"}) {
        auto body = request();
        body["FunctionName"] = name;
        create(body);
    }
    const auto first = body_of(send_json(service_, "GET", "/2015-03-31/functions/?MaxItems=2"));
    EXPECT_EQ(first.at("NextMarker"), "b");
    const auto rest =
        body_of(send_json(service_, "GET", "/2015-03-31/functions?MaxItems=2&Marker=b"));
    EXPECT_EQ(rest.at("Functions").as_array().size(), 1U);
    EXPECT_FALSE(rest.contains("NextMarker"));
}

} // namespace
} // namespace nimbus::local

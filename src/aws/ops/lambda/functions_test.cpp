#include "aws/ops/lambda/functions.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::lambda {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

const std::string configuration_json = R"({
  "FunctionName":"demo","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:demo",
  "Runtime":"provided.al2023","Role":"arn:aws:iam::123456789012:role/demo","Handler":"get-users",
  "CodeSize":5797206,"Description":"","Timeout":30,"MemorySize":256,
  "LastModified":"2024-12-01T12:00:00.000+0000","CodeSha256":"OjRFuuHKizEE8tHFIMsI+iHR6BPAfJ5S0rW31Mh6jKg=",
  "Version":"$LATEST","Environment":{"Variables":{"A":"1"}},"TracingConfig":{"Mode":"PassThrough"},
  "RevisionId":"873282ed","State":"Pending","StateReason":"The function is being created.",
  "StateReasonCode":"Creating","LastUpdateStatus":"InProgress",
  "LastUpdateStatusReason":"wait","LastUpdateStatusReasonCode":"Busy","PackageType":"Zip",
  "Architectures":["arm64"],"EphemeralStorage":{"Size":512},
  "LoggingConfig":{"LogFormat":"Text","LogGroup":"/aws/lambda/demo"}})";

void expect_demo(const FunctionConfiguration& function)
{
    EXPECT_EQ(function.function_name, "demo");
    EXPECT_EQ(function.function_arn, "arn:aws:lambda:us-east-1:123456789012:function:demo");
    EXPECT_EQ(function.runtime, "provided.al2023");
    EXPECT_EQ(function.role, "arn:aws:iam::123456789012:role/demo");
    EXPECT_EQ(function.handler, "get-users");
    EXPECT_EQ(function.timeout_seconds, 30);
    EXPECT_EQ(function.memory_megabytes, 256);
    EXPECT_EQ(function.environment, (std::map<std::string, std::string>{{"A", "1"}}));
    EXPECT_EQ(function.architecture, "arm64");
    EXPECT_EQ(function.code_size, 5'797'206);
    EXPECT_EQ(function.code_sha256, "OjRFuuHKizEE8tHFIMsI+iHR6BPAfJ5S0rW31Mh6jKg=");
    EXPECT_EQ(function.last_modified, "2024-12-01T12:00:00.000+0000");
    EXPECT_EQ(function.revision_id, "873282ed");
    EXPECT_EQ(function.state, "Pending");
    EXPECT_EQ(function.state_reason, "The function is being created.");
    EXPECT_EQ(function.state_reason_code, "Creating");
    EXPECT_EQ(function.last_update_status, "InProgress");
    EXPECT_EQ(function.last_update_status_reason, "wait");
    EXPECT_EQ(function.last_update_status_reason_code, "Busy");
    EXPECT_EQ(function.log_group, "/aws/lambda/demo");
    EXPECT_EQ(function.log_format, "Text");
    EXPECT_EQ(function.tracing_mode, "PassThrough");
    EXPECT_EQ(function.ephemeral_storage_megabytes, 512);
    EXPECT_EQ(function.snap_start, "None");
}

TEST(LambdaCreateFunction, TakesItsCodeFromS3)
{
    const auto request = CreateFunction{
        .function_name = "demo",
        .runtime = "provided.al2023",
        .role = "arn:aws:iam::1:role/r",
        .handler = "get-users",
        .code_bucket = "b",
        .code_key = "k.zip",
        .timeout_seconds = 30,
        .memory_megabytes = 256,
        .environment = {{"A", "1"}},
        .architecture = "arm64",
        .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/2015-03-31/functions");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(
        request.body,
        R"({"FunctionName":"demo","Runtime":"provided.al2023","Role":"arn:aws:iam::1:role/r",)"
        R"("Handler":"get-users","Code":{"S3Bucket":"b","S3Key":"k.zip"},"Timeout":30,)"
        R"("MemorySize":256,"Environment":{"Variables":{"A":"1"}},"Architectures":["arm64"],)"
        R"("Tags":{"k":"v"}})");
    expect_demo(CreateFunction::decode({.status = 201, .body = configuration_json}));
}

TEST(LambdaCreateFunction, OrFromTheRequestItself)
{
    EXPECT_NE((CreateFunction{.function_name = "f", .code_zip = "PK"}.encode().body)
                  .find(R"("Code":{"ZipFile":"UEs="})"),
              std::string::npos);
}

TEST(LambdaGetFunction, GivesConfigurationCodeAndTags)
{
    const auto request = GetFunction{.function_name = "demo"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/2015-03-31/functions/demo");
    const auto function = GetFunction::decode(
        {.body = R"({"Configuration":)" + configuration_json +
                 R"(,"Code":{"RepositoryType":"S3","Location":"https://s3/x?y"},)"
                 R"("Tags":{"k":"v"}})"});
    expect_demo(function.configuration);
    EXPECT_EQ(function.code_location, "https://s3/x?y");
    EXPECT_EQ(function.tags, (Tags{{"k", "v"}}));
    EXPECT_THROW(GetFunction::decode({.body = "{}"}), Error);
}

TEST(LambdaGetFunction, SaysWhyItDoesNotShowTheTags)
{
    const auto function = GetFunction::decode(
        {.body = R"({"Configuration":{"FunctionName":"f","FunctionArn":"a"},)"
                 R"("TagsError":{"ErrorCode":"AccessDeniedException","Message":"no ListTags"}})"});
    EXPECT_EQ(function.tags_error, "no ListTags");
    EXPECT_TRUE(function.tags.empty());
}

TEST(LambdaGetFunction, TellsWhatSomebodySet)
{
    const auto function =
        GetFunction::decode({.body = R"({"Configuration":{"FunctionName":"f","FunctionArn":"a",
                "Layers":[{"Arn":"l:1","CodeSize":3}],"TracingConfig":{"Mode":"Active"},
                "DeadLetterConfig":{"TargetArn":"queue"},"KMSKeyArn":"key",
                "VpcConfig":{"SubnetIds":["s1","s2"],"SecurityGroupIds":["g"],"VpcId":"v"},
                "FileSystemConfigs":[{"Arn":"point","LocalMountPath":"/mnt/x"}],
                "EphemeralStorage":{"Size":1024},"SnapStart":{"ApplyOn":"PublishedVersions"},
                "LoggingConfig":{"LogFormat":"JSON","LogGroup":"/x"}}})"})
            .configuration;
    EXPECT_EQ(function.layers, std::vector<std::string>{"l:1"});
    EXPECT_EQ(function.tracing_mode, "Active");
    EXPECT_EQ(function.dead_letter_arn, "queue");
    EXPECT_EQ(function.kms_key_arn, "key");
    EXPECT_EQ(function.vpc.subnet_ids, (std::vector<std::string>{"s1", "s2"}));
    EXPECT_EQ(function.vpc.security_group_ids, std::vector<std::string>{"g"});
    ASSERT_EQ(function.file_systems.size(), 1U);
    EXPECT_EQ(function.file_systems[0].arn, "point");
    EXPECT_EQ(function.file_systems[0].local_mount_path, "/mnt/x");
    EXPECT_EQ(function.ephemeral_storage_megabytes, 1024);
    EXPECT_EQ(function.snap_start, "PublishedVersions");
    EXPECT_EQ(function.log_format, "JSON");
    EXPECT_EQ(function.log_group, "/x");
}

TEST(LambdaGetFunction, TakesAnArnToo)
{
    EXPECT_EQ((GetFunction{.function_name = "arn:aws:lambda:us-east-1:1:function:f"}.encode().path),
              "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af");
    const auto bare = GetFunction::decode(
        {.body = R"({"Configuration":{"FunctionName":"f","FunctionArn":"a"}})"});
    EXPECT_EQ(bare.configuration.log_group, "");
    EXPECT_TRUE(bare.configuration.environment.empty());
}

TEST(LambdaUpdateFunctionCode, MayChangeTheArchitecture)
{
    const auto request =
        UpdateFunctionCode{
            .function_name = "f", .code_bucket = "b", .code_key = "k", .architecture = "x86_64"}
            .encode();
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/2015-03-31/functions/f/code");
    EXPECT_EQ(request.body, R"({"S3Bucket":"b","S3Key":"k","Architectures":["x86_64"]})");
    EXPECT_EQ((UpdateFunctionCode{.function_name = "f", .code_zip = "PK"}.encode().body),
              R"({"ZipFile":"UEs="})");
    expect_demo(UpdateFunctionCode::decode({.body = configuration_json}));
}

TEST(LambdaUpdateFunctionConfiguration, LeavesWhatIsAbsent)
{
    const auto request =
        UpdateFunctionConfiguration{.function_name = "f",
                                    .description = "",
                                    .timeout_seconds = 5,
                                    .environment = std::map<std::string, std::string>{}}
            .encode();
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/2015-03-31/functions/f/configuration");
    EXPECT_EQ(request.body, R"({"Description":"","Timeout":5,"Environment":{"Variables":{}}})");
    expect_demo(UpdateFunctionConfiguration::decode({.body = configuration_json}));
}

TEST(LambdaUpdateFunctionConfiguration, TakesAwayWhatIsEmpty)
{
    EXPECT_EQ((UpdateFunctionConfiguration{.function_name = "f",
                                           .log_group = "/aws/lambda/f",
                                           .log_format = "Text",
                                           .layers = std::vector<std::string>{},
                                           .tracing_mode = "PassThrough",
                                           .dead_letter_arn = "",
                                           .vpc = VpcConfig{},
                                           .file_systems = std::vector<FileSystem>{},
                                           .ephemeral_storage_megabytes = 512,
                                           .kms_key_arn = "",
                                           .snap_start = "None"}
                   .encode()
                   .body),
              R"({"LoggingConfig":{"LogGroup":"/aws/lambda/f","LogFormat":"Text"},"Layers":[],)"
              R"("TracingConfig":{"Mode":"PassThrough"},"DeadLetterConfig":{"TargetArn":""},)"
              R"("VpcConfig":{"SubnetIds":[],"SecurityGroupIds":[]},"FileSystemConfigs":[],)"
              R"("EphemeralStorage":{"Size":512},"KMSKeyArn":"","SnapStart":{"ApplyOn":"None"}})");
}

TEST(LambdaDeleteFunction, NamesTheFunction)
{
    const auto request = DeleteFunction{.function_name = "f"}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/2015-03-31/functions/f");
}

TEST(LambdaListFunctions, HasPages)
{
    EXPECT_EQ((ListFunctions{.max_items = 50, .next_token = "m"}.encode().query),
              (Query{{"Marker", "m"}, {"MaxItems", "50"}}));
    const auto page = ListFunctions::decode(
        {.body = R"({"Functions":[)" + configuration_json + R"(],"NextMarker":"n"})"});
    ASSERT_EQ(page.functions.size(), 1U);
    expect_demo(page.functions[0]);
    EXPECT_EQ(page.next_token, "n");
    EXPECT_EQ(ListFunctions::decode({.body = R"({"Functions":[],"NextMarker":null})"}).next_token,
              "");
}

} // namespace
} // namespace nimbus::aws::lambda

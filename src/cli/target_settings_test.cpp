#include "base/error.h"
#include "base/file.h"
#include "cli/target_settings.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;

std::string mistake_in(std::string_view text)
{
    try {
        parse_target_settings("/app/.nimbusrc", text);
    } catch (const UsageError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("nimbus init"));
        return error.what();
    }
    return {};
}

TEST(TargetSettings, ReadsBothTargets)
{
    EXPECT_EQ(parse_target_settings("f", R"({"target": "local"})").kind,
              TargetSettings::Kind::local);
    const auto aws = parse_target_settings(
        "f", R"({"target": "aws", "bucket": "my-state", "region": "eu-west-1"})");
    EXPECT_EQ(aws.kind, TargetSettings::Kind::aws);
    EXPECT_EQ(aws.bucket, "my-state");
    EXPECT_EQ(aws.region, "eu-west-1");
    EXPECT_EQ(aws.file, "f");
}

TEST(TargetSettings, ReadsWhatItWrites)
{
    const TargetSettings aws{
        .kind = TargetSettings::Kind::aws, .bucket = "my-state", .region = "eu-west-1", .file = {}};
    const auto again = parse_target_settings("f", to_json(aws));
    EXPECT_EQ(again.kind, aws.kind);
    EXPECT_EQ(again.bucket, aws.bucket);
    EXPECT_EQ(again.region, aws.region);
    EXPECT_EQ(parse_target_settings("f", to_json(TargetSettings{})).kind,
              TargetSettings::Kind::local);
}

TEST(TargetSettings, MistakesNameFileAndField)
{
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"", "not valid JSON"},
        {"{", "not valid JSON"},
        {"[]", "a JSON object"},
        {"{}", "'target' is missing"},
        {R"({"target": "gcp"})", "no target 'gcp'"},
        {R"({"target": 5})", "'target' must be a string"},
        {R"({"target": "local", "x": "1"})", "no setting 'x'"},
        {R"({"target": "aws"})", "needs 'bucket' and 'region'"},
        {R"({"target": "aws", "bucket": "b_", "region": "us-east-1"})", "'b_' is not the name"},
        {R"({"target": "aws", "bucket": "state", "region": "nowhere"})",
         "'nowhere' is not an AWS region"},
    };
    for (const auto& [text, what] : mistakes) {
        EXPECT_THAT(mistake_in(text), HasSubstr(what)) << text;
        EXPECT_THAT(mistake_in(text), HasSubstr("/app/.nimbusrc")) << text;
    }
}

TEST(TargetSettings, TheDirectorysFileGoesBeforeTheHomes)
{
    const TemporaryDirectory home, project;
    const std::string before = std::getenv("HOME") ? std::getenv("HOME") : "";
    ::setenv("HOME", home.path().c_str(), 1);
    EXPECT_EQ(read_target_settings(project.path()).file, "");

    const auto aws = R"({"target": "aws", "bucket": "my-state", "region": "eu-west-1"})";
    write_file(home.path() / ".nimbusrc", aws);
    EXPECT_EQ(read_target_settings(project.path()).kind, TargetSettings::Kind::aws);

    write_file(project.path() / ".nimbusrc", R"({"target": "local"})");
    EXPECT_EQ(read_target_settings(project.path()).kind, TargetSettings::Kind::local);
    ::setenv("HOME", before.c_str(), 1);
}

TEST(TargetSettings, BucketsHaveS3sNames)
{
    for (const auto* name : {"abc", "my-state-bucket", "a.b.c", "1-2-3"})
        EXPECT_EQ(bucket_mistake(name), "") << name;
    for (const auto* name :
         {"", "ab", "Upper", "under_score", "-abc", "abc-", ".abc", "a b c", "192.168.1.1", "a..b"})
        EXPECT_NE(bucket_mistake(name), "") << name;
    EXPECT_NE(bucket_mistake(std::string(64, 'a')), "");
    for (const auto* name :
         {"state--ol-s3", "state--x-s3", "state--table-s3", "sthree-state", "amzn-s3-demo-state"})
        EXPECT_EQ(bucket_mistake(name),
                  "'" + std::string(name) + "' is a name that S3 keeps for itself");
}

} // namespace
} // namespace nimbus::cli

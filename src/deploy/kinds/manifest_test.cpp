#include "base/text.h"
#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/sql/declaration.h"
#include "manifest/parse.h"

#include <gmock/gmock.h>

namespace nimbus::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// `fields` beside those that must be there.
std::string with(const std::string& fields)
{
    return R"({"version": 1, "project": "shop", "region": "us-east-1",
               "runtime": "provided.al2023", "architecture": "x86_64")" +
           (fields.empty() ? "" : ", " + fields) + "}";
}

Sections sections()
{
    return deploy::all_kinds().sections();
}

Manifest parse(const std::string& fields)
{
    return parse_manifest(with(fields), "main.cpp", sections());
}

const std::vector<deploy::api::Api>& apis(const Manifest& manifest)
{
    return manifest.declared.of<deploy::api::Api>();
}

const std::vector<deploy::sql::Database>& databases(const Manifest& manifest)
{
    return manifest.declared.of<deploy::sql::Database>();
}

std::vector<Problem> problems_of(const std::string& text)
{
    try {
        parse_manifest(text, "main.cpp", sections());
    } catch (const ManifestError& error) {
        return error.problems();
    }
    return {};
}

/// The only problem's message.
std::string mistake(const std::string& fields)
{
    const auto problems = problems_of(with(fields));
    EXPECT_EQ(problems.size(), 1u);
    return problems.empty() ? "" : problems.front().message;
}

TEST(Defaults, AreFilledIn)
{
    const auto manifest =
        parse(R"("sql": [{"name": "a", "schema": "a"}, {"name": "b", "schema": "b"}],
                 "functions": [{"name": "f"}, {"name": "g", "uses": []}])");
    EXPECT_TRUE(databases(manifest)[0].deletion_protection);
    EXPECT_EQ(databases(manifest)[0].cluster, std::nullopt);
    EXPECT_EQ(manifest.functions[0].architecture, "x86_64");
    EXPECT_EQ(manifest.functions[0].memory_megabytes, 256);
    EXPECT_EQ(manifest.functions[0].timeout_seconds, 30);
    EXPECT_THAT(manifest.functions[0].uses, ElementsAre("a", "b"));
    EXPECT_THAT(manifest.functions[1].uses, ElementsAre());
}

TEST(Defaults, ASchemaIsNamedAfterItsDatabase)
{
    const auto manifest = parse(R"("sql": [{"name": "main-db"}])");
    EXPECT_EQ(databases(manifest)[0].schema, "main_db");
    EXPECT_THAT(mistake(R"("sql": [{"name": "public"}])"), HasSubstr("belongs to the database"));
}

TEST(Memory, IsCalledMemorySizeAndMemoryStays)
{
    EXPECT_EQ(
        parse(R"("functions": [{"name": "f", "memorySize": 512}])").functions[0].memory_megabytes,
        512);
    EXPECT_EQ(parse(R"("functions": [{"name": "f", "memory": 512}])").functions[0].memory_megabytes,
              512);
    EXPECT_EQ(mistake(R"("functions": [{"name": "f", "memory": 512, "memorySize": 256}])"),
              "must not differ from memorySize, which means the same");
}

TEST(LogRetention, IsANumberOfDaysThatCloudWatchLogsHasOrInfinite)
{
    const auto days = [](const std::string& value) {
        return parse(R"("functions": [{"name": "f", "logRetention": )" + value + "}]")
            .functions[0]
            .log_retention_days;
    };
    EXPECT_EQ(parse(R"("functions": [{"name": "f"}])").functions[0].log_retention_days,
              std::nullopt);
    EXPECT_EQ(days("14"), 14);
    EXPECT_EQ(days(R"("infinite")"), manifest::infinite_retention);
}

TEST(LogRetention, OfTheApplicationIsThatOfFunctionsThatDoNotSayTheirs)
{
    const auto manifest = parse(R"("logRetention": 90, "functions": [
        {"name": "f"}, {"name": "g", "logRetention": 7}, {"name": "h", "logRetention": "infinite"}])");
    EXPECT_EQ(manifest.functions[0].log_retention_days, 90);
    EXPECT_EQ(manifest.functions[1].log_retention_days, 7);
    EXPECT_EQ(manifest.functions[2].log_retention_days, manifest::infinite_retention);
}

TEST(LogRetention, IsRefusedWithThePermittedNumbersNextToIt)
{
    const auto mistake_of = [](const std::string& value) {
        return mistake(R"("functions": [{"name": "f", "logRetention": )" + value + "}]");
    };
    EXPECT_EQ(mistake_of("20"), "must be a number of days that CloudWatch Logs allows, such as 14 "
                                "or 30, or \"infinite\", not the number 20");
    EXPECT_THAT(mistake_of("0"), HasSubstr("such as 1, or"));
    EXPECT_THAT(mistake_of("10000"), HasSubstr("such as 3653, or"));
    EXPECT_THAT(mistake_of("7.5"), HasSubstr("such as 7 or 14, or"));
    EXPECT_THAT(mistake_of(R"("forever")"), HasSubstr("such as 30, or"));
}

TEST(Permissions, AreStatementsOfIamsPolicyLanguage)
{
    const auto manifest = parse(R"("functions": [{"name": "f", "permissions": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a/*", "*"]}]}])");
    EXPECT_THAT(manifest.functions[0].permissions,
                ElementsAre(Permission{"Allow", {"s3:GetObject"}, {"arn:aws:s3:::a/*", "*"}}));
    EXPECT_EQ(mistake(R"("functions": [{"name": "f", "permissions": [
                  {"Effect": "Allow", "Action": "GetObject", "Resource": "*"}]}])"),
              "must be an action such as s3:GetObject, or *, not \"GetObject\"");
    EXPECT_EQ(mistake(R"("functions": [{"name": "f", "permissions": [
                  {"Effect": "Allow", "Action": "*"}]}])"),
              "is missing: it must be an ARN, or *, or a list of such");
}

TEST(Stage, IsDevUnlessGiven)
{
    const auto manifest = parse(R"("apis": [{"name": "a"}])");
    EXPECT_EQ(manifest.stage, "dev");
    EXPECT_EQ(apis(manifest)[0].stage, "dev");
}

TEST(Stage, IsThatOfTheFirstApiThatHasOne)
{
    const auto manifest = parse(
        R"("apis": [{"name": "a"}, {"name": "b", "stage": "beta"}, {"name": "c", "stage": "v1"}])");
    EXPECT_EQ(manifest.stage, "beta");
    EXPECT_EQ(apis(manifest)[0].stage, "beta");
    EXPECT_EQ(apis(manifest)[2].stage, "v1");
}

TEST(Stage, OfTheApplicationIsForApisWithoutOne)
{
    const auto manifest = parse(R"("stage": "prod", "apis": [{"name": "a"}])");
    EXPECT_EQ(apis(manifest)[0].stage, "prod");
}

TEST(Stage, OfAnApiThatHasNoneInItsUrlNamesNothingElse)
{
    const auto manifest =
        parse(R"("apis": [{"name": "a", "stage": "$default"}, {"name": "b", "stage": "beta"}])");
    EXPECT_EQ(manifest.stage, "beta");
    EXPECT_EQ(apis(manifest)[0].stage, "$default");
    EXPECT_EQ(parse(R"("apis": [{"name": "a", "stage": "$default"}])").stage, "dev");
}

TEST(WithStage, LeavesAnApiWithoutOneInItsUrlAlone)
{
    const auto manifest =
        with_stage(parse(R"("apis": [{"name": "a", "stage": "$default"}])"), "prod", sections());
    EXPECT_EQ(manifest.stage, "prod");
    EXPECT_EQ(apis(manifest)[0].stage, "$default");
}

TEST(WithStage, ReplacesItEverywhere)
{
    const auto manifest = with_stage(
        parse(R"("stage": "dev", "apis": [{"name": "a", "stage": "v1"}])"), "prod", sections());
    EXPECT_EQ(manifest.stage, "prod");
    EXPECT_EQ(apis(manifest)[0].stage, "prod");
    EXPECT_THROW(with_stage(manifest, "Prod!", sections()), UsageError);
}

TEST(AsPreview, HasSchemasOfItsOwnInClustersThatAreShared)
{
    const auto shared = R"("sql": [{"name": "main-db", "schema": "shop", "cluster": "team"}])";
    const auto preview = as_preview(with_stage(parse(shared), "pr-42", sections()), sections());
    EXPECT_TRUE(preview.is_preview);
    const auto& database = preview.declared.of<deploy::sql::Database>().at(0);
    EXPECT_EQ(database.schema, "shop_pr_42");
    EXPECT_FALSE(database.deletion_protection);
    EXPECT_THROW(as_preview(parse(R"("sql": [{"name": "main-db"}])"), sections()), UsageError);
}

TEST(Messages, SayWhatIsWrongAndWhatIsAllowed)
{
    EXPECT_EQ(mistake(R"("functions": [{"name": "f", "memory": "much"}])"),
              "must be a whole number from 128 to 10240 megabytes, not the string \"much\"");
    EXPECT_EQ(mistake(R"("apis": {})"), "must be an array, not an object");
    EXPECT_EQ(mistake(R"("apis": [{"name": "a", "routes": [
                  {"method": "FETCH", "path": "/", "function": "f"}]}],
                  "functions": [{"name": "f"}])"),
              "must be GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or ANY, not \"FETCH\"");
    EXPECT_EQ(mistake(R"("sql": [{"name": "a", "schema": "public"}])"),
              "must not be \"public\", which belongs to the database system");
    EXPECT_EQ(mistake(R"("apis": [{"name": "a", "routes": [
                  {"method": "GET", "path": "/{a+}/b", "function": "f"}]}],
                  "functions": [{"name": "f"}])"),
              "must have {a+} last, because it takes the rest of the path, not \"/{a+}/b\"");
}

TEST(Messages, AskWhetherSomethingSimilarWasMeant)
{
    EXPECT_THAT(mistake(R"("functions": [{"name": "f", "memroy": 128}])"),
                HasSubstr("did you mean \"memory\"?"));
    EXPECT_THAT(mistake(R"("sql": [{"name": "main-db", "schema": "a"}],
                           "functions": [{"name": "f", "uses": ["main_db"]}])"),
                HasSubstr("did you mean \"main-db\"?"));
    EXPECT_THAT(mistake(R"("apis": [{"name": "a", "routes": [
                    {"method": "get", "path": "/", "function": "f"}]}],
                    "functions": [{"name": "f"}])"),
                HasSubstr("did you mean \"GET\"?"));
    EXPECT_THAT(mistake(R"("colour": "red")"), Not(HasSubstr("did you mean")));
}

TEST(Messages, AreSafeToPrint)
{
    const auto problems = problems_of(with(R"("\u001b[2J\n": 1, "stage": "\u001b[31m")"));
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].path, R"(["\u001b[2J\n"])");
    EXPECT_THAT(problems[1].message, HasSubstr(R"("\u001b[31m")"));
}

TEST(Messages, ShortenWhatIsLong)
{
    EXPECT_LT(mistake("\"stage\": \"" + std::string(5000, 'x') + "\"").size(), 300u);
}

TEST(Problems, AreReportedAllAtOnce)
{
    try {
        parse(R"("stage": "!", "sql": [{"name": "UPPER", "schema": 3}], "functions": [{}])");
        FAIL();
    } catch (const ManifestError& error) {
        EXPECT_EQ(error.problems().size(), 4u);
        EXPECT_EQ(split(error.what(), '\n').size(), 5u);
        EXPECT_THAT(error.what(), HasSubstr("What main.cpp declares is wrong in 4 places:"));
        EXPECT_THAT(error.what(), HasSubstr("\n  functions[0].name: is missing: it must be"));
    }
}

TEST(Problems, AreListedUpToTwenty)
{
    std::string functions;
    for (int i = 0; i < 30; ++i)
        functions += std::string(i == 0 ? "" : ", ") + "{\"name\": \"!\"}";
    try {
        parse("\"functions\": [" + functions + "]");
        FAIL();
    } catch (const ManifestError& error) {
        EXPECT_LE(split(error.what(), '\n').size(), 22u);
        EXPECT_THAT(error.what(), HasSubstr("more"));
    }
}

TEST(Problems, HideNoConsequences)
{
    // A list that cannot be read is one mistake, not one for each reference to it.
    EXPECT_EQ(mistake(R"("apis": [{"name": "a", "routes": [
                  {"method": "GET", "path": "/", "function": "f"}]}], "functions": 1)"),
              "must be an array, not the number 1");
    EXPECT_EQ(mistake(R"("sql": "main-db", "functions": [{"name": "f", "uses": ["main-db"]}])"),
              "must be an array, not the string \"main-db\"");
}

TEST(Version, OfAnotherManifestIsAllThatIsSaid)
{
    const auto problems = problems_of(R"({"version": 2, "what": "ever"})");
    EXPECT_THAT(problems, ElementsAre(Problem{"version",
                                              "must be 1: this version of Nimbus reads no other"}));
}

TEST(Environment, FitsWithTheDatabasesVariables)
{
    const auto function = [](std::size_t size, const std::string& uses) {
        return R"("sql": [{"name": "main-db", "schema": "shop"}],
                  "functions": [{"name": "f", "uses": [)" +
               uses + R"(], "environment": {"LARGE": ")" + std::string(size, 'x') + "\"}}]";
    };
    EXPECT_NO_THROW(parse(function(3900, "")));
    EXPECT_THAT(mistake(function(3900, "\"main-db\"")), HasSubstr("Lambda allows 4096 (4 KB)"));
    EXPECT_THAT(mistake(function(4097, "")), HasSubstr("bytes"));
}

TEST(Environment, HoldsNoNul)
{
    EXPECT_THAT(mistake(R"("functions": [{"name": "f", "environment": {"AB": "a\u0000b"}}])"),
                HasSubstr("NUL"));
}

TEST(Schemas, MayBeEqualInDifferentClusters)
{
    EXPECT_NO_THROW(parse(R"("sql": [{"name": "a", "schema": "s"}, {"name": "b", "schema": "s"},
                                     {"name": "c", "schema": "s", "cluster": "one"},
                                     {"name": "d", "schema": "s", "cluster": "two"}])"));
}

TEST(Text, ThatIsNotJsonIsAnErrorWithAPlace)
{
    try {
        parse_manifest("{\"version\": 1,", "main.cpp", sections());
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("The manifest of main.cpp is not valid JSON"));
        EXPECT_THAT(error.what(), HasSubstr("line 1"));
    }
}

TEST(Text, ThatIsNoObjectIsAnError)
{
    EXPECT_THAT(problems_of("[]"), ElementsAre(Problem{"", "must be an object, not an array"}));
}

TEST(Text, ThatIsTooLargeIsAnError)
{
    EXPECT_THROW(parse_manifest(std::string(1024 * 1024 + 1, ' '), "main.cpp", sections()),
                 UsageError);
}

} // namespace
} // namespace nimbus::manifest

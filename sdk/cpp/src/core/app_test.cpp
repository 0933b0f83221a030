#include "base/architecture.h"
#include "core/test_app.h"

#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

const auto nothing = [] { return no_content(); };

TEST(Describe, WritesTheManifest)
{
    app app{{.project_name = "demo", .region = "us-east-1", .stage = "test"}};
    app.sql({.name = "main-db", .schema = "myapp"});
    app.api({.name = "web"}).route("GET", "/", nothing);

    auto expected = parse_json_text(R"({
        "version": 1, "project": "demo", "region": "us-east-1", "stage": "test",
        "runtime": "provided.al2023", "architecture": "x86_64",
        "sql": [{"name": "main-db", "schema": "myapp", "deletionProtection": true}],
        "apis": [{"name": "web", "routes": [{"method": "GET", "path": "/", "function": "get"}]}],
        "functions": [{"name": "get", "memorySize": 256, "timeout": 30, "environment": {}}]})");
    expected.at("architecture") = host_architecture;
    EXPECT_EQ(describe(app).manifest, expected);
}

TEST(Describe, FunctionsRunOnTheDeclaredArchitecture)
{
    app app{{.project_name = "demo", .region = "us-east-1", .architecture = "arm64"}};
    app.api({.name = "web"})
        .route("GET", "/a", nothing)
        .route("GET", "/b", nothing, {.architecture = "x86_64"});
    app.api({.name = "admin", .architecture = "x86_64"})
        .route("GET", "/c", nothing)
        .route("GET", "/d", nothing, {.architecture = "arm64"});

    const auto manifest = describe(app).manifest.as_object();
    EXPECT_EQ(manifest.at("architecture"), "arm64");
    const auto& functions = manifest.at("functions").as_array();
    EXPECT_FALSE(functions.at(0).as_object().contains("architecture"));
    EXPECT_EQ(functions.at(1).at("architecture"), "x86_64");
    EXPECT_EQ(functions.at(2).at("architecture"), "x86_64");
    EXPECT_EQ(functions.at(3).at("architecture"), "arm64");
}

TEST(Describe, LeavesOutKindsThatTheApplicationHasNothingOf)
{
    auto app = make_app();
    const auto manifest = describe(app).manifest.as_object();
    EXPECT_EQ(manifest.size(), 5U) << manifest;
}

TEST(Describe, FunctionsHaveTheOptionsOfTheirDeclaration)
{
    auto app = make_app();
    app.api({.name = "web"})
        .route("GET", "/a", nothing,
               {.memory_size = 512,
                .timeout = 5,
                .environment = {{"A", "b"}},
                .uses = {"main-db"},
                .permissions = {{.action = {"s3:GetObject", "s3:PutObject"},
                                 .resource = {"arn:aws:s3:::reports/*"}},
                                {"Deny", {"s3:*"}, {"arn:aws:s3:::reports/secret"}}},
                .description = "Reads a",
                .log_retention = std::chrono::days{14}});

    EXPECT_EQ(describe(app).manifest.at("functions").at(0), parse_json_text(R"(
        {"name": "get-a", "memorySize": 512, "timeout": 5, "environment": {"A": "b"},
         "description": "Reads a", "uses": ["main-db"], "logRetention": 14, "permissions": [
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
             "Resource": ["arn:aws:s3:::reports/*"]},
            {"Effect": "Deny", "Action": ["s3:*"],
             "Resource": ["arn:aws:s3:::reports/secret"]}]})"));
}

TEST(Describe, ALogIsKeptForEverWhenTheProgramSaysIt)
{
    auto app = make_app();
    app.api({.name = "web"}).route("GET", "/a", nothing, {.log_retention = infinite_retention});
    EXPECT_EQ(describe(app).manifest.at("functions").at(0).at("logRetention"), "infinite");
}

TEST(Describe, LogsAreKeptAsTheFunctionItsApiOrTheApplicationSays)
{
    using std::chrono::days;
    app app{{.project_name = "demo", .region = "us-east-1", .log_retention = days{90}}};
    app.api({.name = "web"})
        .route("GET", "/a", nothing)
        .route("GET", "/b", nothing, {.log_retention = days{7}});
    app.api({.name = "admin", .log_retention = infinite_retention})
        .route("GET", "/c", nothing)
        .route("GET", "/d", nothing, {.log_retention = days{14}});

    const auto manifest = describe(app).manifest.as_object();
    EXPECT_EQ(manifest.at("logRetention"), 90);
    const auto& functions = manifest.at("functions").as_array();
    EXPECT_FALSE(functions.at(0).as_object().contains("logRetention"));
    EXPECT_EQ(functions.at(1).at("logRetention"), 7);
    EXPECT_EQ(functions.at(2).at("logRetention"), "infinite");
    EXPECT_EQ(functions.at(3).at("logRetention"), 14);
}

TEST(Describe, RolesHaveThePermissionsBoundaryOfTheApplication)
{
    const std::string boundary = "arn:aws:iam::123456789012:policy/limit";
    app app{{.project_name = "demo", .region = "us-east-1", .permissions_boundary = boundary}};
    EXPECT_EQ(describe(app).manifest.at("permissionsBoundary").as_string(), boundary);
}

TEST(Describe, WhatAFunctionUsesIsNamedOrPassed)
{
    auto app = make_app();
    const auto db = app.sql({.name = "main-db"});
    const auto key = app.secret({.name = "signing-key"});
    const auto uses = [](const function_options& options) { return options.uses.texts(); };
    using texts = std::vector<std::string>;

    EXPECT_EQ(uses({}), std::nullopt);
    EXPECT_EQ(uses({.uses = {}}), texts{});
    EXPECT_EQ(uses({.uses = {"x"}}), (texts{"x"}));
    EXPECT_EQ(uses({.uses = {"x", "y"}}), (texts{"x", "y"}));
    EXPECT_EQ(uses({.uses = {"x", "y", "z"}}), (texts{"x", "y", "z"}));
    EXPECT_EQ(uses({.uses = {db}}), (texts{"main-db"}));
    EXPECT_EQ(uses({.uses = {db, key}}), (texts{"main-db", "signing-key"}));
    EXPECT_EQ(uses({.uses = {db, "signing-key"}}), (texts{"main-db", "signing-key"}));
    EXPECT_EQ(uses({.uses = {std::string("x"), std::string_view("y")}}), (texts{"x", "y"}));
    const texts known{"x", "y"};
    EXPECT_EQ(uses({.uses = known}), known);
}

TEST(Describe, NamesOfWhatAFunctionUsesMayHaveBracesOfTheirOwn)
{
    auto app = make_app();
    const auto db = app.sql({.name = "main-db"});
    const auto uses = [](const function_options& options) { return options.uses.texts(); };
    using texts = std::vector<std::string>;

    EXPECT_EQ(uses({.uses = {{"x"}}}), (texts{"x"}));
    EXPECT_EQ(uses({.uses = {{"x", "y"}}}), (texts{"x", "y"}));
    EXPECT_EQ(uses({.uses = {{"x", "y", "z"}}}), (texts{"x", "y", "z"}));
    EXPECT_EQ(uses({.uses = {{db, "y"}}}), (texts{"main-db", "y"}));
}

TEST(Describe, MemoryIsTheFormerNameOfMemorySize)
{
    const auto size_with = [](function_options options) {
        auto app = make_app();
        app.api({.name = "web"}).route("GET", "/", nothing, std::move(options));
        return describe(app).manifest.at("functions").at(0).at("memorySize");
    };
    EXPECT_EQ(size_with({.memory = 1024}), 1024);
    EXPECT_EQ(size_with({.memory = 1024, .memory_size = 1024}), 1024);
}

TEST(Describe, BothNamesOfTheMemorySizeMustAgree)
{
    auto app = make_app();
    const auto line = std::source_location::current().line() + 1;
    app.api({.name = "web"}).route("GET", "/", nothing, {.memory = 512, .memory_size = 1024});

    testing::internal::CaptureStderr();
    EXPECT_EQ(describe(app).exit_code, 1);

    const auto message = testing::internal::GetCapturedStderr();
    for (const auto& part : {"app_test.cpp:" + std::to_string(line) + ":", std::string("get"),
                             std::string("memory_size 1024"), std::string("memory 512")})
        EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(Describe, TellsWhereEachPartIsDeclared)
{
    const auto before = std::source_location::current();
    app app{{.project_name = "demo", .region = "us-east-1"}};
    app.sql({.name = "main-db", .schema = "myapp"});
    auto api = app.api({.name = "web"});
    api.route("GET", "/a", nothing);

    const auto places = describe(app).places.as_object();
    EXPECT_EQ(places.size(), 5U);
    const auto expect_line = [&](std::string_view path, unsigned lines_below) {
        const auto line = std::string(before.file_name()) + ':' +
                          std::to_string(before.line() + lines_below) + ':';
        EXPECT_TRUE(places.at(path).as_string().starts_with(line)) << path;
    };
    expect_line("", 1);
    expect_line("sql[0]", 2);
    expect_line("apis[0]", 3);
    expect_line("apis[0].routes[0]", 4);
    expect_line("functions[0]", 4);
}

TEST(Run, WithoutATaskSaysHowToDeploy)
{
    auto app = make_app();
    testing::internal::CaptureStderr();
    EXPECT_EQ(app.run(0, nullptr), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("nimbus deploy"), std::string::npos);
}

} // namespace
} // namespace nimbus::detail

#include "cli/plan_text.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using deploy::Action;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

deploy::PlannedStep step(const std::string& type, const std::string& name, Action action,
                         std::vector<std::string> reasons = {})
{
    return {.resource = type + " " + name,
            .type = type,
            .name = name,
            .action = action,
            .reasons = std::move(reasons)};
}

deploy::PlanSummary plan_of(std::vector<deploy::PlannedStep> steps)
{
    return {.deployment = {.project = "shop", .stage = "dev", .region = "us-east-1"},
            .steps = std::move(steps)};
}

TEST(PlanText, NothingToDoIsASentence)
{
    EXPECT_EQ(describe(plan_of({step("api", "web", Action::keep)})),
              "No changes: shop (stage dev) is what the program declares.\n");
}

TEST(PlanText, StepsHaveTheirReasonsBelowThem)
{
    const auto text = describe(plan_of({
        step("function", "get-users", Action::update, {"memory: 256 -> 512"}),
        step("route", "web GET /old", Action::remove, {"is no longer declared"}),
        step("api", "web", Action::keep),
    }));
    EXPECT_THAT(text, HasSubstr("~ update  function get-users\n            memory: 256 -> 512\n"));
    EXPECT_THAT(text, HasSubstr("- delete  route web GET /old\n"));
    EXPECT_THAT(text, Not(HasSubstr("keep")));
    EXPECT_THAT(text, HasSubstr("0 to create, 1 to update, 1 to delete, 1 unchanged"));
}

TEST(PlanText, WhatIsNewNeedsNoReason)
{
    const auto text = describe(plan_of({
        step("api", "web", Action::create, {"is new"}),
        step("role", "functions", Action::create, {"was deleted by somebody else"}),
    }));
    EXPECT_THAT(text, HasSubstr("+ create  api web\n+ create  role functions\n"
                                "            was deleted by somebody else\n"));
}

TEST(PlanText, WarningsComeFirst)
{
    for (const auto action : {Action::keep, Action::create}) {
        auto plan = plan_of({step("api", "web", action)});
        plan.warnings = {"api web has 301 routes"};
        EXPECT_THAT(describe(plan), StartsWith("Warning: api web has 301 routes\n"));
        EXPECT_EQ(json::value(to_json(plan, "aws")).at_pointer("/warnings/0"),
                  "api web has 301 routes");
    }
}

TEST(PlanText, JsonHasEveryStepAndReason)
{
    const json::value document =
        to_json(plan_of({step("api", "web", Action::create, {"is new"}),
                         step("route", "r", Action::replace), step("role", "f", Action::keep)}),
                "aws");
    EXPECT_EQ(document.at("target"), "aws");
    EXPECT_EQ(document.at_pointer("/steps/0/action"), "create");
    EXPECT_EQ(document.at_pointer("/steps/0/reasons/0"), "is new");
    EXPECT_EQ(document.at_pointer("/steps/1/action"), "replace");
    EXPECT_EQ(document.at_pointer("/steps/2/action"), "keep");
    EXPECT_EQ(document.at_pointer("/changes/created"), 1);
    EXPECT_EQ(document.at_pointer("/changes/updated"), 1);
    EXPECT_EQ(document.at_pointer("/changes/unchanged"), 1);
}

} // namespace
} // namespace nimbus::cli

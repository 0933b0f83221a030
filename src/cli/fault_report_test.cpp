#include "cli/fault_report.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

json::object answered(const char* body)
{
    return GetFaults::decode({.status = 200, .body = body});
}

TEST(FaultReport, NothingIsOnInACloudThatDoesNotRun)
{
    EXPECT_EQ(no_faults(), answered(R"({"faults":[],"delayMilliseconds":500,"seed":0})"));
    EXPECT_EQ(describe_faults(no_faults()), "No faults are injected.\n");
}

TEST(FaultReport, HasALineForEachFault)
{
    const auto document =
        answered(R"({"faults":[{"fault":"conflicts","percent":5,"events":61,"injected":3},)"
                 R"({"fault":"slow-statements","percent":0.5,"events":900,"injected":4}],)"
                 R"("delayMilliseconds":250,"seed":7})");
    EXPECT_TRUE(document.at("on").as_bool());
    EXPECT_EQ(describe_faults(document),
              "Faults are injected on demand: conflicts 5%, slow-statements 0.5% (250 ms), seed 7. "
              "'nimbus local faults --off' ends them.\n"
              "\n"
              "  conflicts        3 of 61 transactions that changed rows\n"
              "  slow-statements  4 of 900 statements\n");
}

TEST(FaultReport, TheSettingsAreSentAsADocument)
{
    local::FaultSettings settings{.seed = 7};
    settings.rate(local::Fault::conflict) = *local::Rate::parse("5%");
    const auto request = PutFaults{settings}.encode();
    EXPECT_EQ(request.method + ' ' + request.path, "PUT /faults");
    EXPECT_EQ(compact_json(parse_json(request.body, "the request")),
              R"({"faults":[{"fault":"conflicts","percent":5}],)"
              R"("delayMilliseconds":500,"seed":7})");
}

} // namespace
} // namespace nimbus::cli

#include "deploy/graph.h"
#include "deploy/kind.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Node box(std::string name, std::vector<std::string> depends_on = {},
         std::vector<std::string> works_with = {})
{
    return {.type = "box",
            .name = std::move(name),
            .depends_on = std::move(depends_on),
            .works_with = std::move(works_with)};
}

/// The keys of what a program declares with one kind, in the graph's order.
std::vector<std::string> ordered(std::vector<Node> (*declare)(const Application&))
{
    const Kinds kinds({{.name = "box", .declare = declare}});
    const aws::Client client(nullptr, aws::fixed_credentials({}), {});
    const Target target{.name = "aws", .client = client};
    std::vector<std::string> keys;
    for (const auto& node : desired_graph({{}, {}, target, kinds}))
        keys.push_back(node.key());
    return keys;
}

std::string mistake_in(std::vector<Node> (*declare)(const Application&))
{
    try {
        ordered(declare);
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Graph, HasEachResourceAfterAllThatItNeedsElseAsDeclared)
{
    EXPECT_THAT(ordered([](const Application&) {
                    return std::vector{box("c", {"box b"}), box("d", {}, {"box c"}), box("b"),
                                       box("a")};
                }),
                ElementsAre("box b", "box a", "box c", "box d"));
}

TEST(Graph, HasEachResourceOnce)
{
    EXPECT_THAT(mistake_in([](const Application&) { return std::vector{box("a"), box("a")}; }),
                HasSubstr("box a is declared twice"));
}

TEST(Graph, HasNothingThatNeedsWhatIsNotDeclaredOrItself)
{
    EXPECT_THAT(mistake_in([](const Application&) { return std::vector{box("a", {"box b"})}; }),
                HasSubstr("box a depends on something that is not declared"));
    EXPECT_THAT(mistake_in([](const Application&) {
                    return std::vector{box("a", {"box b"}), box("b", {}, {"box a"})};
                }),
                HasSubstr("box a depends on something that is not declared"));
}

} // namespace
} // namespace nimbus::deploy

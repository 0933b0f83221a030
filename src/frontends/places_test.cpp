#include "frontends/places.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using manifest::Problem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Places, ComeBeforeThePathsOfProblems)
{
    const auto places =
        parse_places(R"({"": "index.ts:3:5", "apis[0].routes[1]": "index.ts:9:5"})", "/project");
    EXPECT_THAT(with_places({{"apis[0].routes[1].path", "must begin with /"},
                             {"apis[0].routes[1]", "is there twice"},
                             {"apis[0].routes[10].path", "must begin with /"},
                             {"project", "is missing"},
                             {"", "must be an object"}},
                            places),
                ElementsAre(Problem{"index.ts:9:5: apis[0].routes[1].path", "must begin with /"},
                            Problem{"index.ts:9:5: apis[0].routes[1]", "is there twice"},
                            Problem{"index.ts:3:5: apis[0].routes[10].path", "must begin with /"},
                            Problem{"index.ts:3:5: project", "is missing"},
                            Problem{"index.ts:3:5", "must be an object"}));
}

TEST(Places, AreCalledAsTheyAreFromTheProject)
{
    EXPECT_THAT(parse_places(R"({"": "/project/src/main.cpp:3:5", "sql[0]": "/elsewhere/db.cpp:1:1",
                                 "apis[0]": "/project-2/a.cpp:1:1"})",
                             "/project"),
                ElementsAre(Pair("", "src/main.cpp:3:5"), Pair("apis[0]", "/project-2/a.cpp:1:1"),
                            Pair("sql[0]", "/elsewhere/db.cpp:1:1")));
}

TEST(Places, AreNotNeeded)
{
    EXPECT_THAT(with_places({{"project", "is missing"}}, {}),
                ElementsAre(Problem{"project", "is missing"}));
    EXPECT_THAT(parse_places("", "/project"), IsEmpty());
    EXPECT_THAT(parse_places("{", "/project"), IsEmpty());
    EXPECT_THAT(parse_places("[1]", "/project"), IsEmpty());
    EXPECT_THAT(parse_places("{\"a\": 1}", "/project"), IsEmpty());
}

} // namespace
} // namespace nimbus::frontends

#include "cli/answered_requests.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(GetRequests, GivesTheStatusOfEachInvocation)
{
    const auto statuses = GetRequests::decode(
        {.status = 200,
         .body =
             R"({"requests":[{"invocationId":"a","status":200},{"invocationId":"b","status":404}]})"});
    EXPECT_THAT(statuses, ElementsAre(Pair("a", 200), Pair("b", 404)));
}

} // namespace
} // namespace nimbus::cli

#include "local/gateway/answered_requests.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

TEST(AnsweredRequests, AreListedFromTheOldestOn)
{
    AnsweredRequests requests;
    requests.add("a", 200);
    requests.add("b", 404);
    const auto list = requests.list();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].invocation_id, "a");
    EXPECT_EQ(list[1].status, 404);
}

TEST(AnsweredRequests, ForgetTheOldestOfTooMany)
{
    AnsweredRequests requests;
    for (std::size_t i = 0; i <= AnsweredRequests::most; ++i)
        requests.add(std::to_string(i), 200);
    const auto list = requests.list();
    EXPECT_EQ(list.size(), AnsweredRequests::most);
    EXPECT_EQ(list.front().invocation_id, "1");
}

} // namespace
} // namespace nimbus::local

#include "cli/api_addresses.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

bool is_elsewhere(std::string_view endpoint, unsigned own_port)
{
    return cli::is_elsewhere(json::object{{"endpoint", endpoint}, {"ownPort", own_port}});
}

TEST(ApiAddresses, AnApiIsElsewhereThanAtItsOwnPort)
{
    EXPECT_FALSE(is_elsewhere("http://127.0.0.1:4001", 4001));
    EXPECT_TRUE(is_elsewhere("http://127.0.0.1:5001", 4001));
    EXPECT_TRUE(is_elsewhere("http://127.0.0.1:54001", 4001)) << "the last digits are no port";
}

} // namespace
} // namespace nimbus::cli

#include "local/gateway/host_name.h"

#include <gtest/gtest.h>

namespace nimbus::local::gateway {
namespace {

constexpr std::string_view own = "abc.execute-api.us-east-1.amazonaws.com";

TEST(HostName, AddressesLocalhostAndTheApisOwnNameAreAllowed)
{
    for (const auto* host :
         {"", "127.0.0.1", "127.0.0.1:8080", "10.0.0.1:80", "[::1]:8080", "localhost",
          "LOCALHOST:3000", "api.localhost:80", "abc.execute-api.us-east-1.amazonaws.com",
          "ABC.execute-api.us-east-1.amazonaws.com:443"})
        EXPECT_TRUE(host_is_allowed(host, own)) << host;
}

TEST(HostName, NamesThatAnybodyCanPointAtThisMachineAreNot)
{
    for (const auto* host :
         {"evil.example", "evil.example:8080", "127.0.0.1.nip.io", "localhost.evil.example",
          "evillocalhost", "other.execute-api.us-east-1.amazonaws.com", "localhost."})
        EXPECT_FALSE(host_is_allowed(host, own)) << host;
}

} // namespace
} // namespace nimbus::local::gateway

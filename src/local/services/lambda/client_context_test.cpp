#include "base/encoding.h"
#include "local/services/lambda/client_context.h"
#include "local/services/service.h"

#include <gtest/gtest.h>

namespace nimbus::local {
namespace {

TEST(ClientContext, IsTheCallersObjectOnOneLineOfAscii)
{
    EXPECT_EQ(client_context(""), "");
    EXPECT_EQ(client_context(base64_encode("{\n \"custom\": {\"a\": 1}\n}")),
              R"({"custom":{"a":1}})");
    EXPECT_EQ(
        client_context(base64_encode("{\"name\":\"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80\"}")),
        R"({"name":"Zo\u00eb \u20ac \ud83d\ude00"})");
    EXPECT_EQ(client_context(base64_encode("{\"a\":\"\\r\\nX-Evil: 1\"}")),
              R"({"a":"\r\nX-Evil: 1"})");
}

TEST(ClientContext, IsRefusedWhenItIsNoObject)
{
    EXPECT_THROW(client_context("{}"), ServiceError);
    EXPECT_THROW(client_context(base64_encode("[1]")), ServiceError);
    EXPECT_THROW(client_context(base64_encode("{\"a\":")), ServiceError);
    EXPECT_THROW(client_context(base64_encode("{\"a\":\"" + std::string(3000, 'x') + "\"}")),
                 ServiceError);
}

} // namespace
} // namespace nimbus::local

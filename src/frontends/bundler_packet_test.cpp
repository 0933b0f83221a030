#include "base/error.h"
#include "frontends/bundler_packet.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

const json::value every_kind{{"command", "build"},
                             {"key", 7},
                             {"write", true},
                             {"plugins", nullptr},
                             {"flags", json::array{"--bundle", "--höchst"}},
                             {"none", json::object{}}};

TEST(BundlerPacket, IsReadAsItWasSent)
{
    for (const bool is_request : {true, false}) {
        auto sent = encode_packet({.id = 3, .is_request = is_request, .value = every_kind});
        const auto frame = take_frame(sent);
        ASSERT_TRUE(frame);
        EXPECT_EQ(sent, "");
        const auto read = decode_packet(*frame);
        EXPECT_EQ(read.id, 3u);
        EXPECT_EQ(read.is_request, is_request);
        EXPECT_EQ(read.value, every_kind);
    }
}

TEST(BundlerPacket, HasEsbuildsBytes)
{
    using namespace std::string_literals;
    EXPECT_EQ(encode_packet({.id = 2, .is_request = true, .value = json::object{{"a", 5}}}),
              "\x13\0\0\0"
              "\4\0\0\0"
              "\6\1\0\0\0"
              "\1\0\0\0a"
              "\2\5\0\0\0"s);
    EXPECT_EQ(
        encode_packet({.id = 2, .is_request = false, .value = json::object(), .contents = "\xff"}),
        "\x1b\0\0\0"
        "\5\0\0\0"
        "\6\1\0\0\0"
        "\x8\0\0\0contents"
        "\4\1\0\0\0\xff"s);
    EXPECT_EQ(decode_packet("\3\0\0\0\4\2\0\0\0\xff\0"s).value, json::value("\xff\0"s));
}

TEST(BundlerPacket, IsTakenOnceItIsWhole)
{
    const auto sent = encode_packet({.id = 1, .is_request = true, .value = every_kind});
    std::string read;
    for (const char c : sent.substr(0, sent.size() - 1)) {
        read += c;
        EXPECT_FALSE(take_frame(read));
    }
    read += sent.back() + sent;
    EXPECT_TRUE(take_frame(read));
    EXPECT_EQ(read, sent);
}

TEST(BundlerPacket, ThatIsNoneIsRefused)
{
    using namespace std::string_literals;
    auto sent = encode_packet({.id = 1, .is_request = true, .value = every_kind});
    const auto whole = take_frame(sent).value();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_THROW(decode_packet(whole.substr(0, size)), Error);
    EXPECT_THROW(decode_packet(whole + "x"), Error);
    EXPECT_THROW(decode_packet("\0\0\0\0\x09"s), Error);
    std::string deep(4, '\0');
    for (int i = 0; i < 1000; ++i)
        deep += "\5\1\0\0\0"s;
    EXPECT_THROW(decode_packet(deep), Error);
}

} // namespace
} // namespace nimbus::frontends

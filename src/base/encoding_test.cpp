#include "base/encoding.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(Base64, FollowsTheVectorsOfRfc4648)
{
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_decode("Zm9vYg=="), "foob");
    EXPECT_EQ(base64_decode(""), "");
}

TEST(Base64Url, HasOtherSignsAndNoPadding)
{
    // RFC 7515 appendix C, and the two characters that differ.
    EXPECT_EQ(base64url_encode(std::string_view("\x03\xec\xff\xe0\xc1", 5)), "A-z_4ME");
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
    EXPECT_EQ(base64url_encode(""), "");
}

TEST(Base64, RefusesWhatIsNotBase64)
{
    EXPECT_FALSE(base64_decode("Zg="));
    EXPECT_FALSE(base64_decode("Z==="));
    EXPECT_FALSE(base64_decode("Zm9v Yg="));
}

TEST(Base32, FollowsTheVectorsOfRfc4648WithoutPadding)
{
    EXPECT_EQ(base32_encode("f"), "my");
    EXPECT_EQ(base32_encode("foobar"), "mzxw6ytboi");
    EXPECT_EQ(base32_encode(std::string(16, '\xff')).size(), 26u);
}

TEST(Hex, GoesBothWays)
{
    EXPECT_EQ(hex_encode(std::string("\x00\xab\xff", 3)), "00abff");
    EXPECT_EQ(hex_decode("00ABff"), std::string("\x00\xab\xff", 3));
    EXPECT_FALSE(hex_decode("0"));
    EXPECT_FALSE(hex_decode("zz"));
}

TEST(PercentEncoding, KeepsUnreservedCharactersOnly)
{
    EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
    EXPECT_EQ(percent_encode("a b/c", true), "a%20b/c");
    EXPECT_EQ(percent_decode("a%20b%2Fc+d"), "a b/c+d");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    EXPECT_EQ(percent_decode("100%"), "100%");
    EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndTruncation)
{
    EXPECT_TRUE(is_utf8("Grüße, 世界 🌍"));
    EXPECT_FALSE(is_utf8("\xc0\x80"));
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
    EXPECT_FALSE(is_utf8("\xe4\xb8"));
    EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, ReplacesWhatIsNone)
{
    EXPECT_EQ(to_utf8("Grüße, 世界 🌍"), "Grüße, 世界 🌍");
    EXPECT_EQ(to_utf8("caf\xe9 \xed\xa0\x80!"), "caf\uFFFD \uFFFD\uFFFD\uFFFD!");
    EXPECT_EQ(to_utf8("\xe4\xb8"), "\uFFFD\uFFFD");
}

} // namespace
} // namespace nimbus

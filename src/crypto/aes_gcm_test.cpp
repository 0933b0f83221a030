#include "base/encoding.h"
#include "base/error.h"
#include "crypto/aes_gcm.h"

#include <gtest/gtest.h>

namespace nimbus::crypto {
namespace {

std::string hex(std::string_view text)
{
    return hex_decode(text).value();
}

TEST(Aes256Gcm, FollowsPublishedVectors)
{
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16: the
    // nonce, the ciphertext, the tag.
    const Aes256Gcm zeros(std::string(32, '\0'));
    EXPECT_EQ(zeros.decrypt(hex("000000000000000000000000"
                                "530f8afbc74536b9a963b4f1c4cb738b"),
                            ""),
              "");
    EXPECT_EQ(zeros.decrypt(hex("000000000000000000000000"
                                "cea7403d4d606b6e074ec5d3baf39d18"
                                "d0d1c8a799996bf0265b98b5d48ab919"),
                            ""),
              std::string(16, '\0'));
    const Aes256Gcm cipher(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    EXPECT_EQ(cipher.decrypt(hex("cafebabefacedbaddecaf888"
                                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                 "76fc6ece0f4e1768cddf8853bb2d551b"),
                             hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")),
              hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
}

TEST(Aes256Gcm, GivesBackWhatWasEncrypted)
{
    const Aes256Gcm cipher(std::string(32, 'k'));
    for (const auto& text : {std::string(), std::string("value"), std::string(65'536, '\xff')})
        EXPECT_EQ(cipher.decrypt(cipher.encrypt(text, "about"), "about"), text);
}

TEST(Aes256Gcm, EncryptsTheSameTextDifferentlyEachTime)
{
    const Aes256Gcm cipher(std::string(32, 'k'));
    EXPECT_NE(cipher.encrypt("value", ""), cipher.encrypt("value", ""));
}

TEST(Aes256Gcm, RefusesWhatIsNotAsItWas)
{
    const Aes256Gcm cipher(std::string(32, 'k'));
    const auto encrypted = cipher.encrypt("value", "about");
    EXPECT_FALSE(cipher.decrypt(encrypted, "another"));
    EXPECT_FALSE(Aes256Gcm(std::string(32, 'j')).decrypt(encrypted, "about"));
    for (std::size_t i = 0; i < encrypted.size(); ++i) {
        auto changed = encrypted;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(cipher.decrypt(changed, "about")) << "byte " << i;
        EXPECT_FALSE(cipher.decrypt(std::string_view(encrypted).substr(0, i), "about"));
    }
}

TEST(Aes256Gcm, RefusesKeysOfAnotherLength)
{
    EXPECT_THROW(Aes256Gcm(std::string(16, 'k')), Error);
    EXPECT_THROW(Aes256Gcm(std::string(33, 'k')), Error);
}

} // namespace
} // namespace nimbus::crypto

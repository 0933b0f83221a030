#include "base/error.h"
#include "base/shared_library.h"

#include <gmock/gmock.h>

#include <zlib.h>

namespace nimbus {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Property;
using testing::StartsWith;

TEST(SharedLibrary, GivesFunctionsByTheirName)
{
    const SharedLibrary library("libz.so.1", "zlib1g");
    const decltype(&::crc32) checksum = library["crc32"];
    const unsigned char text[] = "123456789";
    EXPECT_EQ(checksum(0, text, 9), 0xcbf43926u); // the check value of CRC-32/ISO-HDLC
}

TEST(SharedLibrary, ThatIsNotThereNamesThePackageToInstall)
{
    EXPECT_THAT([] { SharedLibrary("libnone.so.7", "libnone7"); },
                testing::Throws<Error>(
                    AllOf(Property(&Error::what, StartsWith("The library libnone.so.7 cannot be "
                                                            "loaded: ")),
                          Property(&Error::hint, HasSubstr("package libnone7")))));
}

TEST(SharedLibrary, ThatLacksAFunctionIsTooOld)
{
    const SharedLibrary library("libz.so.1", "zlib1g");
    EXPECT_THAT([&] { static_cast<void>(library["crc128"]); },
                testing::Throws<Error>(
                    Property(&Error::what, HasSubstr("libz.so.1 has no function crc128"))));
}

} // namespace
} // namespace nimbus

#include "base/error.h"
#include "base/shared_library.h"

#include <gmock/gmock.h>

namespace nimbus {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Property;
using testing::StartsWith;

TEST(SharedLibrary, GivesFunctionsByTheirName)
{
    const SharedLibrary library("libm.so.6", "libc6");
    double (*const cube_root)(double) = library["cbrt"];
    EXPECT_DOUBLE_EQ(cube_root(27), 3);
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
    const SharedLibrary library("libm.so.6", "libc6");
    EXPECT_THAT([&] { static_cast<void>(library["cbrt2"]); },
                testing::Throws<Error>(
                    Property(&Error::what, HasSubstr("libm.so.6 has no function cbrt2"))));
}

} // namespace
} // namespace nimbus

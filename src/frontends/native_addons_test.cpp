#include "base/error.h"
#include "base/file.h"
#include "frontends/native_addons.h"
#include "frontends/test_elf.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::HasSubstr;

class NativeAddons : public testing::Test {
protected:
    void ship(const std::string& name, const std::string& content)
    {
        const auto source = directory.path() / name;
        make_directories(source.parent_path());
        write_file(source, content);
        files.push_back({name, source});
    }

    std::string refusal(const std::string& architecture)
    {
        try {
            require_addons_for(architecture, files, "index.ts");
        } catch (const Error& error) {
            return error.what() + ('\n' + error.hint());
        }
        return "";
    }

    TemporaryDirectory directory;
    std::vector<PackageFile> files;
};

TEST_F(NativeAddons, HaveToBeForTheArchitectureOfTheFunctions)
{
    ship("index.js", "");
    ship("node_modules/sharp/build/Release/sharp.node", elf(EM_X86_64, ET_DYN));
    EXPECT_EQ(refusal("x86_64"), "");
    EXPECT_EQ(refusal("arm64"),
              "index.ts has functions for arm64, and the package sharp has its compiled addon "
              "build/Release/sharp.node for x86_64 only\n"
              "Install the packages for arm64: npm install --os=linux --cpu=arm64; one that "
              "compiles its addon has to be installed on such a machine.");
}

TEST_F(NativeAddons, MayBeThereForBothArchitectures)
{
    ship("node_modules/a/prebuilds/linux-x64/node.napi.node", elf(EM_X86_64, ET_DYN));
    ship("node_modules/a/prebuilds/linux-arm64/node.napi.armv8.node", elf(EM_AARCH64, ET_DYN));
    ship("node_modules/@img/sharp-linux-arm64/lib/sharp.node", elf(EM_AARCH64, ET_DYN));
    ship("node_modules/@img/sharp-linux-x64/lib/sharp.node", elf(EM_X86_64, ET_DYN));
    EXPECT_EQ(refusal("x86_64"), "");
    EXPECT_EQ(refusal("arm64"), "");

    ship("node_modules/@node-rs/crc32-linux-x64-gnu/crc32.linux-x64-gnu.node",
         elf(EM_X86_64, ET_DYN));
    ship("node_modules/@node-rs/crc32-linux-arm64-gnu/crc32.linux-arm64-gnu.node",
         elf(EM_AARCH64, ET_DYN));
    EXPECT_EQ(refusal("x86_64"), "");
    EXPECT_EQ(refusal("arm64"), "");
}

TEST_F(NativeAddons, OfTheProgramItselfHaveToBeCompiledForBoth)
{
    ship("native/other.node", elf(EM_AARCH64, ET_DYN));
    EXPECT_EQ(refusal("x86_64"), "index.ts has functions for x86_64, and the compiled addon "
                                 "other.node is for arm64 only\nCompile it for x86_64, too.");
}

TEST_F(NativeAddons, AnotherAddonForTheArchitectureIsNoSubstitute)
{
    ship("node_modules/fast/build/Release/fast.node", elf(EM_X86_64, ET_DYN));
    ship("node_modules/fast/build/Release/other.node", elf(EM_AARCH64, ET_DYN));
    EXPECT_THAT(refusal("arm64"), HasSubstr("fast.node for x86_64 only"));
    EXPECT_THAT(refusal("x86_64"), HasSubstr("other.node for arm64 only"));
}

TEST_F(NativeAddons, OfTheAuthorsOwnMustBeForLambda)
{
    ship("own.node", "\xcf\xfa\xed\xfe");
    EXPECT_THAT(refusal("x86_64"),
                HasSubstr("the compiled addon own.node is not for Linux on x86_64 or arm64"));
}

TEST_F(NativeAddons, OfMachinesThatLambdaDoesNotHaveAreNobodysBusiness)
{
    ship("node_modules/a/prebuilds/linux-riscv64/node.napi.node", elf(EM_RISCV, ET_DYN));
    ship("node_modules/a/prebuilds/darwin-arm64/node.napi.node", "\xcf\xfa\xed\xfe");
    EXPECT_EQ(refusal("x86_64"), "");
    EXPECT_EQ(refusal("arm64"), "");
}

} // namespace
} // namespace nimbus::frontends

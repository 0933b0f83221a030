#include "base/error.h"
#include "base/file.h"
#include "frontends/executable.h"

#include <gmock/gmock.h>

#include <cstring>
#include <elf.h>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

#if defined(__aarch64__)
constexpr const char* this_architecture = "arm64";
constexpr const char* other_architecture = "x86_64";
#else
constexpr const char* this_architecture = "x86_64";
constexpr const char* other_architecture = "arm64";
#endif

/// An ELF header without segments.
std::string elf(unsigned short machine, unsigned short type = ET_EXEC)
{
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = machine;
    header.e_type = type;
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

class Executables : public testing::Test {
protected:
    Executable inspect(const std::string& content)
    {
        write_file(file, content);
        return inspect_executable(file);
    }

    std::string refusal(const std::string& content)
    {
        try {
            inspect(content);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "bootstrap";
};

manifest::Manifest manifest_for(const std::string& architecture)
{
    manifest::Manifest manifest;
    manifest.architecture = architecture;
    return manifest;
}

std::string verdict(const Executable& executable, const std::string& architecture)
{
    try {
        require_runs_on_lambda(executable, manifest_for(architecture), "main.cpp");
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST_F(Executables, ThisTestIsADynamicOneOfThisMachine)
{
    const auto executable = inspect_executable("/proc/self/exe");
    EXPECT_EQ(executable.kind, Executable::Kind::elf);
    EXPECT_EQ(executable.architecture, this_architecture);
    EXPECT_THAT(executable.interpreter, StartsWith("/lib"));
    EXPECT_THAT(verdict(executable, this_architecture),
                AllOf(HasSubstr("linked dynamically"), HasSubstr(executable.interpreter)));
}

TEST_F(Executables, HaveLambdasNamesOfArchitectures)
{
    EXPECT_EQ(inspect(elf(EM_X86_64)).architecture, "x86_64");
    EXPECT_EQ(inspect(elf(EM_AARCH64)).architecture, "arm64");
    EXPECT_EQ(inspect(elf(EM_RISCV)).architecture, "ELF machine 243");
}

TEST_F(Executables, ThatAreStaticAndOfTheDeclaredArchitectureRunOnLambda)
{
    EXPECT_EQ(verdict(inspect(elf(EM_X86_64)), "x86_64"), "");
    EXPECT_EQ(verdict(inspect(elf(EM_AARCH64)), "arm64"), "");
}

TEST_F(Executables, OfAnotherArchitectureThanDeclaredAreRefused)
{
    EXPECT_EQ(verdict(inspect(elf(EM_X86_64)), "arm64"),
              "main.cpp declares the architecture arm64, and its program is built for x86_64");
    EXPECT_NE(verdict(inspect_executable("/proc/self/exe"), other_architecture), "");
}

TEST_F(Executables, MayBeShellScripts)
{
    for (const auto* line : {"#!/bin/sh\n", "#! /bin/bash -e\n", "#!/usr/bin/env bash\n"}) {
        const auto script = inspect(line);
        EXPECT_EQ(script.kind, Executable::Kind::script);
        EXPECT_EQ(verdict(script, "arm64"), "") << line;
    }
    EXPECT_EQ(inspect("#!").interpreter, "");
}

TEST_F(Executables, MayNotBeScriptsForWhatLambdaDoesNotHave)
{
    EXPECT_EQ(verdict(inspect("#!/usr/bin/env python3\n"), "x86_64"),
              "main.cpp is a script for 'python3', which Lambda does not have");
}

TEST_F(Executables, AreNothingElse)
{
    EXPECT_THAT(refusal(""), HasSubstr("neither an ELF executable nor a script"));
    EXPECT_THAT(refusal("MZ"), HasSubstr(file.string()));
    EXPECT_THAT(refusal("\x7f"
                        "ELF"),
                HasSubstr("64-bit"));
    EXPECT_THAT(refusal(elf(EM_X86_64, ET_REL)), HasSubstr("object file"));
    auto wide = elf(EM_X86_64);
    wide[EI_CLASS] = ELFCLASS32;
    EXPECT_THAT(refusal(wide), HasSubstr("64-bit"));
    auto broken = elf(EM_X86_64);
    broken[offsetof(Elf64_Ehdr, e_phnum)] = 3;
    EXPECT_THAT(refusal(broken), HasSubstr("broken"));
    EXPECT_THROW(inspect_executable(directory.path() / "nothing"), Error);
}

} // namespace
} // namespace nimbus::frontends

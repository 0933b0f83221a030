#include "base/architecture.h"
#include "base/error.h"
#include "base/file.h"
#include "frontends/executable.h"
#include "frontends/test_elf.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string this_architecture{host_architecture};
const std::string other_architecture = this_architecture == "arm64" ? "x86_64" : "arm64";

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

std::string verdict(const Executable& executable, const std::string& architecture)
{
    try {
        require_runs_on_lambda(executable, architecture, "main.cpp");
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

#include "base/file.h"
#include "process/interpreter.h"

#include <gmock/gmock.h>

namespace nimbus::process {
namespace {

using testing::StartsWith;

/// The interpreter of a program of this content.
std::string interpreter(const std::string& content)
{
    const TemporaryDirectory directory;
    const auto program = directory.path() / "program";
    write_file(program, content);
    return interpreter_of(program);
}

TEST(Interpreter, OfAScriptIsTheProgramInItsFirstLine)
{
    EXPECT_EQ(interpreter("#!/bin/sh\n"), "/bin/sh");
    EXPECT_EQ(interpreter("#! /usr/bin/env node\nanything"), "/usr/bin/env");
    EXPECT_EQ(interpreter("#!/bin/sh\t-e"), "/bin/sh");
    EXPECT_EQ(interpreter("#!\n/bin/sh"), "");
    EXPECT_EQ(interpreter("#!/bin/sh\r\n"), "/bin/sh\r") << "to Linux, that is its name";
}

TEST(Interpreter, OfADynamicExecutableIsItsLinker)
{
    EXPECT_THAT(interpreter_of("/proc/self/exe").string(), StartsWith("/lib"));
}

TEST(Interpreter, IsNoneWhereNoneIsNamed)
{
    EXPECT_EQ(interpreter(""), "");
    EXPECT_EQ(interpreter("text"), "");
    EXPECT_EQ(interpreter("\x7f"
                          "ELF and no more"),
              "");
    EXPECT_EQ(interpreter_of("/no/such/program"), "");
}

} // namespace
} // namespace nimbus::process

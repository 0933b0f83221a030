#include "base/error.h"
#include "base/file.h"
#include "frontends/describe.h"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>

namespace nimbus::frontends {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A shell script as an application.
class Describing : public testing::Test {
protected:
    std::string ask(const std::string& script, std::chrono::milliseconds limit = 10s)
    {
        const auto file = directory.path() / "app";
        write_file(file, "#!/bin/sh\n" + script + "\n", 0755);
        return describe({file.string()}, directory.path(), "main.cpp", {}, limit).manifest;
    }

    std::string failure(const std::string& script, std::chrono::milliseconds limit = 10s)
    {
        try {
            ask(script, limit);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    TemporaryDirectory directory;
};

TEST_F(Describing, ReturnsWhatTheProgramWrote)
{
    EXPECT_EQ(ask("printf '{}' > \"$NIMBUS_MANIFEST_OUT\""), "{}");
}

TEST_F(Describing, NamesTheInterpreterThatIsNotThere)
{
    const auto file = directory.path() / "app";
    write_file(file, "#!/no/such/interpreter\n", 0755);
    try {
        describe({file.string()}, directory.path(), "main.cpp", {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "main.cpp cannot run on this machine: it needs the interpreter "
                                   "/no/such/interpreter, which is not there");
    }
}

TEST_F(Describing, HappensInTheProjectsDirectory)
{
    EXPECT_EQ(ask("pwd > \"$NIMBUS_MANIFEST_OUT\""), directory.path().string() + "\n");
}

TEST_F(Describing, KeepsOurEnvironmentToItself)
{
    ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    const auto environment = ask("env > \"$NIMBUS_MANIFEST_OUT\"");
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
    EXPECT_THAT(environment, AllOf(HasSubstr("PATH="), Not(HasSubstr("secret"))));
}

TEST_F(Describing, QuotesAProgramThatFails)
{
    EXPECT_EQ(failure("echo one; echo two >&2; exit 3"),
              "main.cpp failed when it was asked what it declares: exit status 3. It says:\n"
              "  one\n  two");
    EXPECT_THAT(failure("kill -SEGV $$"), HasSubstr("signal 11"));
}

TEST_F(Describing, TellsMistakesInDeclarationsFromFailures)
{
    EXPECT_THROW(ask("echo 'route \"FETCH /\": no method' >&2; exit 1"), UsageError);
    EXPECT_THAT(failure("echo 'no method' >&2; exit 1"),
                AllOf(StartsWith("What main.cpp declares is wrong"), HasSubstr("\n  no method")));
}

TEST_F(Describing, NeedsAManifest)
{
    EXPECT_EQ(failure("exit 0"), "main.cpp wrote no manifest, so it declares nothing");
}

TEST_F(Describing, EndsAProgramThatDoesNot)
{
    EXPECT_THAT(failure("echo started; sleep 600", 1s),
                AllOf(HasSubstr("was stopped"), HasSubstr("started")));
}

TEST_F(Describing, DoesNotWaitForChildrenThatStay)
{
    EXPECT_EQ(ask("printf '{}' > \"$NIMBUS_MANIFEST_OUT\"; sleep 3 & exit 0"), "{}");
}

/// A program that is started before it is asked.
TEST_F(Describing, WaitsWhereThatIsAskedFor)
{
    const auto file = directory.path() / "app";
    write_file(file, "#!/bin/sh\nread -r word\ncat \"$1/part\" >\"$NIMBUS_MANIFEST_OUT\"\n", 0755);
    DescribingProgram program(
        {.arguments = {file.string(), "{code}"}, .directory = directory.path(), .waits = true});
    EXPECT_FALSE(program.is_running());
    program.start("main.cpp");
    EXPECT_TRUE(program.is_running());
    make_directories(program.code());
    write_file(program.code() / "part", "what is described");
    EXPECT_EQ(program.finish("main.cpp", {}, 10s).manifest, "what is described");
}

TEST_F(Describing, TellsWhyAProgramEndedWhileItWaited)
{
    std::signal(SIGPIPE, SIG_IGN);
    const auto file = directory.path() / "app";
    write_file(file, "#!/bin/sh\necho broken; exit 3\n", 0755);
    DescribingProgram program(
        {.arguments = {file.string()}, .directory = directory.path(), .waits = true});
    program.start("main.cpp");
    try {
        program.finish("main.cpp", {}, 10s);
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("exit status 3"), HasSubstr("broken")));
    }
}

TEST_F(Describing, QuotesTheEndOfMuch)
{
    const auto text = failure("seq 1 100; exit 3");
    EXPECT_THAT(text, AllOf(HasSubstr("\n  100"), Not(HasSubstr("\n  80\n"))));
}

TEST_F(Describing, QuotesNoControlCharacters)
{
    EXPECT_THAT(failure("printf '\\033[2Jred'; exit 3"),
                AllOf(HasSubstr("\n  [2Jred"), Not(HasSubstr("\033"))));
}

TEST_F(Describing, RefusesAHugeManifest)
{
    EXPECT_THAT(failure("head -c 3000000 /dev/zero > \"$NIMBUS_MANIFEST_OUT\""),
                HasSubstr("larger than 1 MB"));
}

} // namespace
} // namespace nimbus::frontends

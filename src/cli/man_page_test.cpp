#include "cli/man_page.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

CommandDescription program()
{
    return {.path = "nimbus",
            .help = "Deploys a program",
            .options = {{.names = {"-h", "--help"}, .help = "Print this help"}},
            .examples = {{"nimbus say 'hello'", "a greeting"}},
            .commands = {{.path = "nimbus say",
                          .help = "Say something",
                          .options = {{.names = {"--mood"},
                                       .placeholder = "MOOD",
                                       .help = "How … to say it",
                                       .choices = {"merry", "sad"}}},
                          .positionals = {{.names = {"FILE"}, .help = ".nimbusrc, or another"}}}},
            .hidden = {{.path = "nimbus secret"}}};
}

TEST(ManPage, HasASectionForEachCommand)
{
    EXPECT_THAT(man_page(program()),
                AllOf(HasSubstr("\n.SS nimbus say [OPTIONS] [FILE]\n"),
                      HasSubstr("\nSay something.\n"), Not(HasSubstr("secret"))));
}

TEST(ManPage, SaysWhatAnOptionTakes)
{
    EXPECT_THAT(man_page(program()), HasSubstr(".TP\n.B \\-\\-mood MOOD\n"));
    EXPECT_THAT(man_page(program()), HasSubstr("to say it: merry, sad\n"));
}

TEST(ManPage, IsAsciiThatCanBeCopiedIntoAShell)
{
    const auto page = man_page(program());
    EXPECT_THAT(page, AllOf(HasSubstr("How \\[u2026] to"), HasSubstr("nimbus say \\(aqhello\\(aq"),
                            HasSubstr("\n\\&.nimbusrc, or another\n")));
    for (const char c : page)
        EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

} // namespace
} // namespace nimbus::cli

#include "cli/completion.h"
#include "cli/shell_word.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

CommandDescription program()
{
    return {.path = "nimbus",
            .options = {{.names = {"-h", "--help"}, .help = "Print this help"}},
            .commands = {{.path = "nimbus say",
                          .help = "Say what's to be said [loudly]: now",
                          .options = {{.names = {"--mood"},
                                       .placeholder = "MOOD",
                                       .help = "In which",
                                       .choices = {"merry", "sad"}},
                                      {.names = {"-w", "--word"},
                                       .placeholder = "WORD",
                                       .help = "What",
                                       .is_repeatable = true}},
                          .positionals = {{.names = {"FILE"}, .help = "Where", .is_file = true}}}},
            .hidden = {{.path = "nimbus secret"}}};
}

// That shells complete with these scripts is tested in tests/e2e/test_completion.py.

TEST(Completion, KnowsNothingOfWhatIsHidden)
{
    for (const auto script : {bash_completion, fish_completion, zsh_completion})
        EXPECT_THAT(script(program()), AllOf(HasSubstr("say"), Not(HasSubstr("secret"))));
}

TEST(Completion, QuotesWhatTheShellWouldRead)
{
    EXPECT_EQ(shell_word("what's"), "'what'\\''s'");
    EXPECT_THAT(fish_completion(program()),
                HasSubstr("-d 'Say what\\'s to be said [loudly]: now'"));
    EXPECT_THAT(zsh_completion(program()),
                HasSubstr("'say:Say what'\\''s to be said [loudly]: now'"));
}

TEST(Completion, OffersTheValuesOfAnOption)
{
    EXPECT_THAT(bash_completion(program()), HasSubstr("'nimbus say --mood') words='merry sad' ;;"));
    EXPECT_THAT(fish_completion(program()), HasSubstr("-l mood -x -a 'merry sad'"));
    EXPECT_THAT(zsh_completion(program()), HasSubstr("'--mood=[In which]:MOOD:(merry sad)'"));
}

TEST(Completion, OffersARepeatableOptionAgain)
{
    EXPECT_THAT(zsh_completion(program()), HasSubstr("'*--word=[What]:WORD: '"));
}

TEST(Completion, OffersFilesWhereOneIsNamed)
{
    EXPECT_THAT(bash_completion(program()), HasSubstr("files=yes ;;"));
    EXPECT_THAT(fish_completion(program()), HasSubstr("'__nimbus_is_at say' -F\n"));
    EXPECT_THAT(zsh_completion(program()), HasSubstr("':FILE:_files'"));
}

} // namespace
} // namespace nimbus::cli

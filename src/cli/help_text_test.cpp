#include "base/text.h"
#include "cli/help_text.h"
#include "cli/text_layout.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

CommandDescription say()
{
    return {
        .path = "nimbus say",
        .help = "Say something to somebody who may or may not want to hear it",
        .options = {{.names = {"-w", "--word"}, .placeholder = "WORD", .help = "What to say"},
                    {.names = {"--a-name-longer-than-the-column"},
                     .help = "Longer than others, and described at some length"},
                    {.names = {"--loud"}, .help = "As loud as can be, whoever may sleep"}},
        .positionals = {{.names = {"NAME"}, .help = "Who", .is_required = true},
                        {.names = {"FILE"}, .help = "Where"}},
        .examples = {{"nimbus say -w hello -w world", "to the world"}, {"nimbus say", "nothing"}},
        .commands = {{.path = "nimbus say again", .help = "Say it once more"}},
        .hidden = {{.path = "nimbus say secret"}}};
}

/// The words of a text without what lays it out.
std::string words_of(std::string_view text)
{
    std::vector<std::string> words;
    for (const auto line : split(text, '\n'))
        for (const auto word : split(line, ' '))
            if (!word.empty() && word != "\\")
                words.emplace_back(word);
    return join(words, " ");
}

TEST(HelpText, HasSectionsOneBlankLineApart)
{
    EXPECT_EQ(help_text(say(), 80),
              "Say something to somebody who may or may not want to hear it\n"
              "\n"
              "Usage: nimbus say [OPTIONS] NAME [FILE] COMMAND\n"
              "\n"
              "Positionals:\n"
              "  NAME                    Who\n"
              "  FILE                    Where\n"
              "\n"
              "Options:\n"
              "  -w, --word WORD         What to say\n"
              "  --a-name-longer-than-the-column\n"
              "                          Longer than others, and described at some length\n"
              "  --loud                  As loud as can be, whoever may sleep\n"
              "\n"
              "Commands:\n"
              "  again                   Say it once more\n"
              "\n"
              "Examples:\n"
              "  nimbus say -w hello -w world  to the world\n"
              "  nimbus say                    nothing\n");
}

TEST(HelpText, BreaksLinesBetweenWordsAtAnyWidth)
{
    const auto whole = words_of(help_text(say(), 1000));
    for (std::size_t width = 1; width <= 120; ++width) {
        const auto text = help_text(say(), width);
        EXPECT_EQ(words_of(text), whole) << width;
        for (const auto line : split(text, '\n'))
            EXPECT_TRUE(columns(line) <= width || words_of(line).find(' ') == std::string::npos)
                << width << ": " << line;
        EXPECT_THAT(text, AllOf(Not(HasSubstr("\n\n\n")), Not(EndsWith("\n\n"))));
    }
}

TEST(HelpText, PutsTextsBelowNamesWhereThereIsNoRoomBeside)
{
    EXPECT_THAT(help_text(say(), 30), HasSubstr("\n  --loud\n"
                                                "      As loud as can be,\n"
                                                "      whoever may sleep\n"));
}

TEST(HelpText, ContinuesALongExampleAsAShellReadsIt)
{
    EXPECT_THAT(help_text(say(), 24), HasSubstr("\n  nimbus say -w \\\n"
                                                "      hello -w world\n"
                                                "      to the world\n"));
}

TEST(HelpText, LeavesOutWhatIsHidden)
{
    EXPECT_THAT(help_text(say(), 80), AllOf(StartsWith("Say "), Not(HasSubstr("secret"))));
}

} // namespace
} // namespace nimbus::cli

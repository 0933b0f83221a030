#include "cli/dotenv.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Of a file without mistakes.
std::vector<DotenvEntry> entries_in(std::string_view text)
{
    auto file = parse_dotenv(text);
    EXPECT_TRUE(file.mistakes.empty()) << text;
    return std::move(file.entries);
}

std::string value_of(std::string_view text)
{
    const auto entries = entries_in(text);
    EXPECT_EQ(entries.size(), 1U) << text;
    return entries.empty() ? "" : entries.front().value;
}

/// The only mistake.
DotenvMistake mistake_in(std::string_view text)
{
    const auto mistakes = parse_dotenv(text).mistakes;
    EXPECT_EQ(mistakes.size(), 1U) << text;
    return mistakes.empty() ? DotenvMistake{} : mistakes.front();
}

TEST(Dotenv, HasANameAndAValueALine)
{
    EXPECT_EQ(entries_in("A=1\nLONG_NAME_2=two words\n"),
              (std::vector<DotenvEntry>{{.name = "A", .value = "1", .line = 1},
                                        {.name = "LONG_NAME_2", .value = "two words", .line = 2}}));
    EXPECT_EQ(value_of("stripe-key = sk_1 "), "sk_1") << "blanks around both are no part of them";
    EXPECT_EQ(value_of("A="), "");
    EXPECT_EQ(value_of("A=b=c=="), "b=c==");
    EXPECT_TRUE(entries_in("").empty());
}

TEST(Dotenv, SkipsCommentsEmptyLinesAndExport)
{
    EXPECT_EQ(entries_in("# first\n\n  # second\n\texport A=1\nexport=2\n"),
              (std::vector<DotenvEntry>{{.name = "A", .value = "1", .line = 4},
                                        {.name = "export", .value = "2", .line = 5}}));
}

TEST(Dotenv, TakesAHashForACommentOnlyAfterABlank)
{
    EXPECT_EQ(value_of("A=pass#word # the comment # goes on"), "pass#word");
    EXPECT_EQ(value_of("A=#1"), "#1");
    EXPECT_EQ(value_of("A= # nothing"), "");
    EXPECT_EQ(value_of("A='x # y' # z"), "x # y");
}

TEST(Dotenv, LeavesSingleQuotesAndBackticksAsTheyAre)
{
    EXPECT_EQ(value_of(R"(A=' $x \n "y" ')"), R"( $x \n "y" )");
    EXPECT_EQ(value_of("A=`it's \"so\"`"), "it's \"so\"");
}

TEST(Dotenv, ReadsEscapesBetweenDoubleQuotesOnly)
{
    EXPECT_EQ(value_of(R"(A="a\nb\r\tc\"d\\e\$f")"), "a\nb\r\tc\"d\\e$f");
    EXPECT_EQ(value_of(R"(A="C:\path")"), R"(C:\path)") << "other backslashes stay";
    EXPECT_EQ(value_of(R"(A="$HOME ${HOME}")"), "$HOME ${HOME}") << "nothing is filled in";
    EXPECT_EQ(value_of(R"(A=a\nb)"), R"(a\nb)");
}

TEST(Dotenv, ReadsQuotedValuesOverSeveralLines)
{
    const auto entries = entries_in("KEY=\"-----BEGIN-----\nabc==\n-----END-----\"\nB='\n'\n"
                                    "C=3\n");
    EXPECT_EQ(entries,
              (std::vector<DotenvEntry>{
                  {.name = "KEY", .value = "-----BEGIN-----\nabc==\n-----END-----", .line = 1},
                  {.name = "B", .value = "\n", .line = 4},
                  {.name = "C", .value = "3", .line = 6}}));
}

TEST(Dotenv, ReadsFilesOfOtherSystems)
{
    EXPECT_EQ(entries_in("\xef\xbb\xbf"
                         "A=1\r\nB=\"x\r\ny\"\r\n"),
              (std::vector<DotenvEntry>{{.name = "A", .value = "1", .line = 1},
                                        {.name = "B", .value = "x\ny", .line = 2}}));
}

TEST(Dotenv, KeepsBytesThatAreNoText)
{
    EXPECT_EQ(value_of("A=\xff\xfe"), "\xff\xfe");
    EXPECT_EQ(value_of(std::string_view("A='\0'", 5)), std::string(1, '\0'));
}

TEST(Dotenv, SaysWhereAMistakeIs)
{
    const std::string no_name = "the line must begin with a name of letters, digits and _";
    const std::string bad_name = "what stands before the '=' is not a name: a name has letters, "
                                 "digits, _ and -, and no blanks";
    EXPECT_EQ(mistake_in("A=1\nB\n"), (DotenvMistake{2, "there is no '=' after the name"}));
    EXPECT_EQ(mistake_in("export\n"), (DotenvMistake{1, no_name}));
    EXPECT_EQ(mistake_in("=1"), (DotenvMistake{1, no_name}));
    EXPECT_EQ(mistake_in("\n2A=1"), (DotenvMistake{2, no_name}));
    EXPECT_EQ(mistake_in("A B=3"), (DotenvMistake{1, bad_name}));
    EXPECT_EQ(mistake_in("A.B=1"), (DotenvMistake{1, bad_name}));
    EXPECT_EQ(mistake_in("A=1\nB=\"x\ny\n"),
              (DotenvMistake{2, "the quote opened here is not closed"}));
    EXPECT_EQ(mistake_in("A=\"x\ny\"z\n"),
              (DotenvMistake{2, "there is text after the closing quote"}));
}

TEST(Dotenv, GoesOnAfterAMistake)
{
    const auto file = parse_dotenv("A B=1\nC=2\n=3\nD='4' 5\nE=6\nF='7\nG=8\n");
    std::vector<std::size_t> lines;
    for (const auto& mistake : file.mistakes)
        lines.push_back(mistake.line);
    EXPECT_EQ(lines, (std::vector<std::size_t>{1, 3, 4, 6}));
    EXPECT_EQ(file.entries, (std::vector<DotenvEntry>{{.name = "C", .value = "2", .line = 2},
                                                      {.name = "E", .value = "6", .line = 5}}));
}

TEST(Dotenv, DoesNotQuoteWhatMayBeASecret)
{
    for (const char* text : {"A=-----BEGIN-----\nMIISECRET\n", "MIISECRET", "A='x' MIISECRET",
                             "A='MIISECRET", "$MIISECRET=1"})
        for (const auto& mistake : parse_dotenv(text).mistakes)
            EXPECT_THAT(mistake.text, Not(HasSubstr("SECRET"))) << text;
}

} // namespace
} // namespace nimbus::cli

#include "base/error.h"
#include "cli/dotenv.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string value_of(std::string_view text)
{
    const auto entries = parse_dotenv(text, ".env");
    EXPECT_EQ(entries.size(), 1U) << text;
    return entries.empty() ? "" : entries.front().value;
}

std::string mistake_in(std::string_view text)
{
    try {
        parse_dotenv(text, "shop.env");
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Dotenv, HasANameAndAValueALine)
{
    EXPECT_EQ(parse_dotenv("A=1\nLONG_NAME_2=two words\n", ".env"),
              (std::vector<DotenvEntry>{{.name = "A", .value = "1", .line = 1},
                                        {.name = "LONG_NAME_2", .value = "two words", .line = 2}}));
    EXPECT_EQ(value_of("stripe-key = sk_1 "), "sk_1") << "blanks around both are no part of them";
    EXPECT_EQ(value_of("A="), "");
    EXPECT_EQ(value_of("A=b=c=="), "b=c==");
    EXPECT_TRUE(parse_dotenv("", ".env").empty());
}

TEST(Dotenv, SkipsCommentsEmptyLinesAndExport)
{
    EXPECT_EQ(parse_dotenv("# first\n\n  # second\n\texport A=1\nexport=2\n", ".env"),
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
    const auto entries = parse_dotenv("KEY=\"-----BEGIN-----\nabc==\n-----END-----\"\nB='\n'\n"
                                      "C=3\n",
                                      ".env");
    EXPECT_EQ(entries,
              (std::vector<DotenvEntry>{
                  {.name = "KEY", .value = "-----BEGIN-----\nabc==\n-----END-----", .line = 1},
                  {.name = "B", .value = "\n", .line = 4},
                  {.name = "C", .value = "3", .line = 6}}));
}

TEST(Dotenv, ReadsFilesOfOtherSystems)
{
    EXPECT_EQ(parse_dotenv("\xef\xbb\xbf"
                           "A=1\r\nB=\"x\r\ny\"\r\n",
                           ".env"),
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
    EXPECT_EQ(mistake_in("A=1\nB\n"), "shop.env:2: there is no '=' after the name");
    EXPECT_EQ(mistake_in("export\n"),
              "shop.env:1: the line must begin with a name of letters, digits and _");
    EXPECT_EQ(mistake_in("=1"),
              "shop.env:1: the line must begin with a name of letters, digits and _");
    EXPECT_EQ(mistake_in("\n2A=1"),
              "shop.env:2: the line must begin with a name of letters, digits and _");
    EXPECT_EQ(mistake_in("A.B=1"), "shop.env:1: there is no '=' after the name");
    EXPECT_EQ(mistake_in("A=1\nB=\"x\ny\n"), "shop.env:2: the quote opened here is not closed");
    EXPECT_EQ(mistake_in("A=\"x\ny\"z\n"), "shop.env:2: there is text after the closing quote");
}

TEST(Dotenv, DoesNotQuoteWhatMayBeASecret)
{
    for (const char* text : {"A=-----BEGIN-----\nMIISECRET\n", "MIISECRET", "A='x' MIISECRET",
                             "A='MIISECRET", "$MIISECRET=1"})
        EXPECT_THAT(mistake_in(text), Not(HasSubstr("SECRET"))) << text;
}

} // namespace
} // namespace nimbus::cli

#include "aws/ini_file.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

TEST(ParseIni, ReadsSectionsAndSettings)
{
    const auto file = parse_ini("# a comment\r\n"
                                "[default]\r\n"
                                "Region=us-east-1\n"
                                "\n"
                                "[ profile a ] ; what follows is ignored\n"
                                "; another comment\n"
                                "credential_process = run --x=1 # not a comment\n"
                                "s3 =\n"
                                "  addressing_style = path\n"
                                "output = json\n",
                                "f");
    EXPECT_EQ(file, (IniFile{{"default", {{"region", "us-east-1"}}},
                             {"profile a",
                              {{"credential_process", "run --x=1 # not a comment"},
                               {"s3", ""},
                               {"s3.addressing_style", "path"},
                               {"output", "json"}}}}));
}

TEST(ParseIni, PutsTheSettingAboveBeforeNestedOnes)
{
    const auto file = parse_ini("[services dev]\n"
                                "S3 =\n"
                                "\tEndpoint_URL = http://127.0.0.1:1\n"
                                "  # a comment\n"
                                "  the rest of a long value\n"
                                "iam =\n"
                                "  endpoint_url = http://127.0.0.1:2\n",
                                "f");
    EXPECT_EQ(file, (IniFile{{"services dev",
                              {{"s3", ""},
                               {"s3.endpoint_url", "http://127.0.0.1:1"},
                               {"iam", ""},
                               {"iam.endpoint_url", "http://127.0.0.1:2"}}}}));
}

TEST(ParseIni, TakesKeysThatAreIndentedAlike)
{
    const IniFile wanted{{"default", {{"id", "AKIA"}, {"key", "s"}}}};
    for (const char* text :
         {"[default]\n    id = AKIA\n    key = s\n",
          "[default]\n# whose\n  id = AKIA\n\n  key = s\n", "  [default]\n  id = AKIA\n  key = s\n",
          "[default]\n\tid = AKIA\nkey = s\n", "[default]\rid=AKIA\rkey=s",
          "[default]\r\n  id = AKIA\r\n  key = s\r\n"})
        EXPECT_EQ(parse_ini(text, "f"), wanted) << text;
}

TEST(ParseIni, ContinuesAValueWithTheLinesThatAreIndentedDeeper)
{
    EXPECT_EQ(parse_ini("[a]\n  process = run\n\n    # how\n    --x=1\n\n\n  region = r\n", "f"),
              (IniFile{{"a", {{"process", "run\n\n--x=1"}, {"region", "r"}}}}));
}

TEST(ParseIni, TakesAColonForAnEqualsSign)
{
    EXPECT_EQ(parse_ini("[a]\nid: AKIA=\nkey = s:1\n", "f"),
              (IniFile{{"a", {{"id", "AKIA="}, {"key", "s:1"}}}}));
}

TEST(ParseIni, LendsTheSettingsOfDefaultInCapitalsToAllSections)
{
    EXPECT_EQ(parse_ini("[a]\nregion = r\n[b]\n[DEFAULT]\nregion = d\n", "f"),
              (IniFile{{"a", {{"region", "r"}}}, {"b", {{"region", "d"}}}}));
}

TEST(ParseIni, NamesTheLineThatItCannotRead)
{
    const auto failure = [](const char* text) -> std::string {
        try {
            parse_ini(text, "/home/me/.aws/config");
        } catch (const Error& error) {
            return error.what();
        }
        return "no failure";
    };
    EXPECT_EQ(failure("[a]\nkey\n"), "/home/me/.aws/config, line 2: there is no `=`");
    EXPECT_EQ(failure("[a\n"),
              "/home/me/.aws/config, line 1: the section's name has no closing bracket");
    EXPECT_EQ(failure("[a]\n= value\n"),
              "/home/me/.aws/config, line 2: there is no key before the `=`");
    EXPECT_EQ(failure("\nkey = value\n"),
              "/home/me/.aws/config, line 2: there is no section before it");
}

} // namespace
} // namespace nimbus::aws

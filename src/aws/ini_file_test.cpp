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
                               {"output", "json"}}}}));
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
    EXPECT_EQ(failure("\nkey = value\n"),
              "/home/me/.aws/config, line 2: there is no section before it");
}

} // namespace
} // namespace nimbus::aws

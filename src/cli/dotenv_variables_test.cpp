#include "cli/dotenv_variables.h"
#include "deploy/kinds/secret/declaration.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::map<std::string, std::string>> environments(const std::string& dotenv)
{
    manifest::Manifest manifest;
    manifest.functions = {{.name = "a", .environment = {{"LEVEL", "of the program"}}},
                          {.name = "b"}};
    manifest.declared.of<deploy::secret::Secret>().push_back({.name = "stripe-key"});
    add_variables(manifest, parse_dotenv(dotenv).entries);
    return {manifest.functions[0].environment, manifest.functions[1].environment};
}

TEST(DotenvVariables, AreGivenToAllFunctionsThatDoNotSetThemThemselves)
{
    EXPECT_THAT(environments("LEVEL=debug\nGREETING='good day'\nGREETING=hello\n"),
                ElementsAre(ElementsAre(Pair("GREETING", "hello"), Pair("LEVEL", "of the program")),
                            ElementsAre(Pair("GREETING", "hello"), Pair("LEVEL", "debug"))));
}

TEST(DotenvVariables, AreNeitherSecretsNorWhatOthersSet)
{
    EXPECT_THAT(
        environments("STRIPE_KEY=sk_live\nAWS_REGION=x\n_hidden=x\nNIMBUS_MANIFEST_OUT=x\n")[1],
        ElementsAre());
}

TEST(DotenvVariables, ThatNoFunctionCanHaveAreNamed)
{
    manifest::Manifest manifest;
    EXPECT_THAT(add_variables(manifest, parse_dotenv("GREETING=x\nAWS_REGION=x\nE=1\n").entries),
                ElementsAre(".env:2: AWS_REGION has no effect: Lambda or Nimbus sets it.",
                            testing::StartsWith(
                                ".env:3: E has no effect: the name of a variable is a letter")));
}

} // namespace
} // namespace nimbus::cli

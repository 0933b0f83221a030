#include "base/error.h"
#include "cli/secret_import.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string failure_of(std::string_view text)
{
    try {
        read_dotenv_secrets(text, "shop.env");
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(SecretImport, NamesSecretsAfterVariables)
{
    EXPECT_THAT(read_dotenv_secrets("STRIPE_KEY=sk_1\nother=2\n", "shop.env"),
                ElementsAre(ImportedSecret{"stripe-key", "sk_1"}, ImportedSecret{"other", "2"}));
}

TEST(SecretImport, NamesAllMistakesInTheOrderOfTheLines)
{
    EXPECT_EQ(failure_of("A=\nGOOD=hush\nB C=hush\na=hush\n_D=hush\nE\n"),
              "shop.env has 5 mistakes:\n"
              "  shop.env:1: A has no value: write one after the '=', or remove the line\n"
              "  shop.env:3: what stands before the '=' is not a name: a name has letters, digits, "
              "_ and -, and no blanks\n"
              "  shop.env:4: a sets the secret 'a', which line 1 already sets: remove one of the "
              "two\n"
              "  shop.env:5: _D would set the secret '-d', which is not a valid name: it must be a "
              "lower-case letter followed by lower-case letters, digits and dashes, at most 32 "
              "characters\n"
              "  shop.env:6: there is no '=' after the name");
}

TEST(SecretImport, ASingleMistakeIsASentence)
{
    EXPECT_EQ(failure_of("A=1\nB=\n"),
              "shop.env:2: B has no value: write one after the '=', or remove the line");
    EXPECT_THAT(failure_of("A=" + std::string(65'537, 'x')),
                AllOf(HasSubstr("shop.env:1: A has a value of 65537 bytes"), Not(HasSubstr("xx"))));
}

TEST(SecretImport, ListsTheFirstOfManyMistakes)
{
    std::string text;
    for (int i = 0; i < 25; ++i)
        text += "=\n";
    EXPECT_THAT(failure_of(text), AllOf(HasSubstr("25 mistakes"), HasSubstr("shop.env:20:"),
                                        Not(HasSubstr("shop.env:21:")), HasSubstr("and 5 more")));
}

TEST(SecretImport, AFileWithoutSecretsIsNothingToImport)
{
    EXPECT_EQ(failure_of("# nothing\n"), "There is nothing to import in shop.env");
}

} // namespace
} // namespace nimbus::cli

#include "cli/confirmation.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

TEST(Confirmation, WhereNobodyCanAnswerIsWrongUsageThatNamesTheOption)
{
    const Terminal nobody;
    try {
        confirm({.deed = "shop is destroyed",
                 .question = "Destroy shop?",
                 .refusal = "Nothing was changed"},
                nobody);
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(),
                     "This is not a terminal, so nobody can confirm that shop is destroyed");
        EXPECT_EQ(error.hint(), "Add --yes.");
    }
}

} // namespace
} // namespace nimbus::cli

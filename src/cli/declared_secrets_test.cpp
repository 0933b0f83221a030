#include "cli/declared_secrets.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

TEST(UndeclaredSecret, IsToldWithTheWayOut)
{
    EXPECT_EQ(undeclared_note("stripe-key", {}),
              "The program declares no secret 'stripe-key'. No function can read it until the "
              "program declares it. 'nimbus secret remove stripe-key' deletes it.");
}

TEST(UndeclaredSecret, IsToldWithTheNameThatMayBeMeant)
{
    EXPECT_EQ(undeclared_note("stripe-kye", {"signing", "stripe-key"}),
              "The program declares no secret 'stripe-kye'; did you mean \"stripe-key\"? No "
              "function can read it until the program declares it. 'nimbus secret remove "
              "stripe-kye' deletes it.");
}

} // namespace
} // namespace nimbus::cli

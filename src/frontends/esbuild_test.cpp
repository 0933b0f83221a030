#include "frontends/esbuild.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::IsEmpty;

TEST(BundlerMessages, HaveTheirPlaceAsEditorsCount)
{
    const auto messages = bundler_messages(R"(✘ [ERROR] Unexpected "}"

    index.ts:3:2:
      3 │   })
        ╵   ^

1 error
)");
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(
        messages[0],
        (BundlerMessage{true, "Unexpected \"}\"", "index.ts", 3, 3, {"  3 │   })", "    ╵   ^"}}));
    EXPECT_EQ(place_and_text(messages[0]), "index.ts:3:3: Unexpected \"}\"");
}

TEST(BundlerMessages, AreToldApart)
{
    const auto messages =
        bundler_messages(R"(▲ [WARNING] Duplicate key "a" in object literal [duplicate-object-key]

    a:b.ts:5:17:
      5 │ console.log({a:1,a:2});
        ╵                  ^

  The original key "a" is here:

    a:b.ts:5:13:
      5 │ console.log({a:1,a:2});
        ╵              ^

✘ [ERROR] Could not read from file: /x
)");
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(place_and_text(messages[0]), "a:b.ts:5:18: Duplicate key \"a\" in object literal");
    EXPECT_FALSE(messages[0].is_error);
    EXPECT_EQ(messages[0].excerpt.size(), 2u);
    EXPECT_EQ(place_and_text(messages[1]), "Could not read from file: /x");
    EXPECT_TRUE(messages[1].is_error);
}

TEST(BundlerMessages, AreNotSeenInOtherText)
{
    EXPECT_THAT(bundler_messages("  index.ts:1:2:\nSegmentation fault\n"), IsEmpty());
}

} // namespace
} // namespace nimbus::frontends

#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(SentencesOf, AreWhatIsWrongAndTheWayOut)
{
    EXPECT_EQ(sentences_of(Error("The port is taken", "Choose another one.")),
              "The port is taken. Choose another one.");
    EXPECT_EQ(sentences_of(Error("The port is taken")), "The port is taken");
    EXPECT_EQ(sentences_of(Error("AWS says no.", "Ask again.")), "AWS says no. Ask again.");
}

} // namespace
} // namespace nimbus

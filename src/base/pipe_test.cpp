#include "base/pipe.h"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace nimbus {
namespace {

TEST(MakePipe, GivesWhatIsWrittenToOneEndAtTheOther)
{
    auto pipe = make_pipe();
    ASSERT_EQ(::write(pipe.write.get(), "abc", 3), 3);
    pipe.write.reset();
    std::array<char, 8> text{};
    EXPECT_EQ(::read(pipe.read.get(), text.data(), text.size()), 3);
    EXPECT_STREQ(text.data(), "abc");
    EXPECT_EQ(::read(pipe.read.get(), text.data(), text.size()), 0) << "the end";
}

TEST(MakePipe, ClosesBothEndsInOtherPrograms)
{
    const auto pipe = make_pipe();
    EXPECT_EQ(::fcntl(pipe.read.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    EXPECT_EQ(::fcntl(pipe.write.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

} // namespace
} // namespace nimbus

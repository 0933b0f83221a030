#include "local/instances/instance_log.h"

#include <gmock/gmock.h>

#include <vector>

namespace nimbus::local {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class LineSink : public LogSink {
public:
    void put(const std::string&, const std::string&, std::int64_t, std::string message) override
    {
        lines.push_back(std::move(message));
    }

    std::vector<std::string> lines;
};

class InstanceLogTest : public testing::Test {
protected:
    std::string repeated(std::string_view line, std::size_t count)
    {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += line;
        return text;
    }

    SystemTime now_{1'700'000'000s};
    LineSink sink_;
    InstanceLog log_{sink_, "group", "stream", [this] { return now_; }};
};

TEST_F(InstanceLogTest, CutsOutputIntoLines)
{
    log_.output("one\r\ntw");
    EXPECT_THAT(sink_.lines, ElementsAre("one"));
    log_.output("o\n\nthree");
    EXPECT_THAT(sink_.lines, ElementsAre("one", "two", ""));
    log_.flush();
    EXPECT_THAT(sink_.lines, ElementsAre("one", "two", "", "three"));
}

TEST_F(InstanceLogTest, CutsALineOverTheLimitOfAnEvent)
{
    log_.output(std::string(InstanceLog::max_line - 1, 'x'));
    EXPECT_THAT(sink_.lines, IsEmpty());
    log_.output("yz\n");
    EXPECT_THAT(sink_.lines, ElementsAre(std::string(InstanceLog::max_line - 1, 'x') + "y", "z"));
}

TEST_F(InstanceLogTest, ReplacesBytesThatAreNotText)
{
    log_.output("caf\xe9\n");
    EXPECT_THAT(sink_.lines, ElementsAre("caf\uFFFD"));
}

TEST_F(InstanceLogTest, KeepsTheFirstLinesOfASecond)
{
    log_.output(repeated("line\n", InstanceLog::max_lines + 5));
    EXPECT_THAT(sink_.lines, SizeIs(InstanceLog::max_lines));
    now_ += 1s;
    log_.output("next\n");
    EXPECT_THAT(sink_.lines, SizeIs(InstanceLog::max_lines + 2));
    EXPECT_THAT(sink_.lines[InstanceLog::max_lines], StartsWith("[nimbus] 5 lines were left out"));
    EXPECT_EQ(sink_.lines.back(), "next");
}

TEST_F(InstanceLogTest, KeepsTheFirstBytesOfASecond)
{
    constexpr std::size_t length = 128 * 1024;
    constexpr std::size_t kept = InstanceLog::max_bytes / length;
    log_.output(repeated(std::string(length, 'x') + '\n', kept + 2));
    EXPECT_THAT(sink_.lines, SizeIs(kept));
    log_.flush();
    EXPECT_THAT(sink_.lines.back(), StartsWith("[nimbus] 2 lines were left out"));
}

TEST_F(InstanceLogTest, TellsWhatWasLeftOutBeforeTheInvocationEnds)
{
    log_.begin("id", InstanceLog::Detail::complete);
    log_.output(repeated("line\n", InstanceLog::max_lines + 1));
    log_.end({.memory_megabytes = 128});
    ASSERT_THAT(sink_.lines, SizeIs(InstanceLog::max_lines + 4));
    EXPECT_EQ(sink_.lines.front(), "START RequestId: id Version: $LATEST");
    const std::vector last(sink_.lines.end() - 3, sink_.lines.end());
    EXPECT_THAT(last, ElementsAre(StartsWith("[nimbus] 1 line was left out"), "END RequestId: id",
                                  StartsWith("REPORT RequestId: id\tDuration: 0.00 ms")));
}

TEST_F(InstanceLogTest, ReturnsTheEndOfAnInvocationAlone)
{
    log_.output("before\n");
    log_.begin("id", InstanceLog::Detail::complete);
    log_.output("within\n");
    const auto tail = log_.end({.memory_megabytes = 128});
    log_.output("after\n");
    EXPECT_THAT(tail, StartsWith("START RequestId: id Version: $LATEST\nwithin\nEND RequestId: id\n"
                                 "REPORT RequestId: id\t"));
    log_.begin("long", InstanceLog::Detail::complete);
    log_.output(repeated("line\n", InstanceLog::max_tail));
    EXPECT_THAT(log_.end({}), SizeIs(InstanceLog::max_tail));
}

TEST_F(InstanceLogTest, LeavesOutSilentInvocationsWhereTheLogIsNotComplete)
{
    log_.begin("silent", InstanceLog::Detail::brief);
    EXPECT_THAT(log_.end({}), StartsWith("START RequestId: silent"));
    EXPECT_THAT(sink_.lines, IsEmpty());
    log_.begin("loud", InstanceLog::Detail::brief);
    log_.output("heard\n");
    log_.end({});
    EXPECT_THAT(sink_.lines,
                ElementsAre("START RequestId: loud Version: $LATEST", "heard",
                            "END RequestId: loud", StartsWith("REPORT RequestId: loud")));
}

TEST_F(InstanceLogTest, NamesStreamsByDay)
{
    EXPECT_EQ(InstanceLog::stream_name(now_, "0123456789abcdef0123456789abcdef"),
              "2023/11/14/[$LATEST]0123456789abcdef0123456789abcdef");
}

} // namespace
} // namespace nimbus::local

#include "local/debugging/debug_sessions.h"
#include "process/child_process.h"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nimbus::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

DebugSession session(std::set<std::string> functions, DebugMode mode = {})
{
    return {
        .owner = process::identity_of(::getpid()), .functions = std::move(functions), .mode = mode};
}

TEST(DebugSessions, AFunctionIsDebuggedFromWhenItIsAskedForUntilItIsNot)
{
    DebugSessions sessions;
    EXPECT_EQ(sessions.mode_of("f"), std::nullopt);
    sessions.set(session({"f", "g"}, {.inspector_port = 9229}));
    EXPECT_EQ(sessions.mode_of("f"), DebugMode{.inspector_port = 9229});
    EXPECT_EQ(sessions.mode_of("h"), std::nullopt);
    sessions.set(session({"g"}));
    EXPECT_EQ(sessions.mode_of("f"), std::nullopt);
    EXPECT_EQ(sessions.mode_of("g"), DebugMode{});
    sessions.set(session({}));
    EXPECT_EQ(sessions.mode_of("g"), std::nullopt);
}

TEST(DebugSessions, DebuggingEndsWithTheProcessThatAskedForIt)
{
    auto child = process::ChildProcess::spawn({.arguments = {"sleep", "60"}});
    DebugSessions sessions;
    sessions.set({.owner = process::identity_of(child.pid()), .functions = {"f"}});
    EXPECT_TRUE(sessions.mode_of("f"));
    child.signal(SIGKILL);
    child.wait(Deadline::never());
    EXPECT_FALSE(sessions.mode_of("f"));
}

TEST(DebugSessions, TheProcessThatWasStartedLastIsKnownUntilItEnds)
{
    DebugSessions sessions;
    sessions.started("f", 10);
    sessions.started("f", 11);
    sessions.ended("f", 10, true);
    EXPECT_TRUE(sessions.is_debugger_expected());
    EXPECT_THAT(sessions.processes(), ElementsAre(Pair("f", 11)));
    sessions.ended("f", 11, false);
    EXPECT_FALSE(sessions.is_debugger_expected());
    EXPECT_THAT(sessions.processes(), IsEmpty());
}

TEST(IsDebuggerAttached, IsNotWhileNobodyTracesTheProcess)
{
    EXPECT_FALSE(is_debugger_attached({}, ::getpid()));
    EXPECT_FALSE(is_debugger_attached({}, -1));
}

TEST(IsDebuggerAttached, IsWhileTheInspectorHasAConnection)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, generic, size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, generic, &size), 0);
    const DebugMode mode{.inspector_port = ntohs(address.sin_port)};
    EXPECT_FALSE(is_debugger_attached(mode, ::getpid()));
    ASSERT_EQ(::connect(client, generic, size), 0);
    EXPECT_TRUE(is_debugger_attached(mode, ::getpid()));
    ::close(client);
    ::close(listener);
}

} // namespace
} // namespace nimbus::local

#include "base/error.h"
#include "local/dsql/host/addresses.h"
#include "local/dsql/host/listener.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>

namespace nimbus::local::dsql {
namespace {

int port_of(int socket)
{
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size);
    return ntohs(name.sin_port);
}

/// Until the client closes or the listener stops, sends back what it gets. Who asks is logged in.
void echo(UniqueFd client, int stop_fd, const LoggedIn& logged_in)
{
    for (;;) {
        std::array<pollfd, 2> events{{{client.get(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
        ::poll(events.data(), events.size(), -1);
        char byte = 0;
        if (events[1].revents != 0 || ::recv(client.get(), &byte, 1, 0) != 1)
            return;
        logged_in();
        ::send(client.get(), &byte, 1, MSG_NOSIGNAL);
    }
}

void say_no(UniqueFd client, int)
{
    ::send(client.get(), "!", 1, MSG_NOSIGNAL);
}

class ListenerTest : public testing::Test {
protected:
    void listen(unsigned max_connections, unsigned max_refusals = 8)
    {
        auto place = listen_on("127.0.0.1", 0);
        port_ = port_of(place.socket.get());
        listener_ = std::make_unique<Listener>(std::move(place.socket),
                                               ListenerOptions{.max_connections = max_connections,
                                                               .serve = echo,
                                                               .refuse = say_no,
                                                               .max_refusals = max_refusals});
    }

    UniqueFd connect() const
    {
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(static_cast<std::uint16_t>(port_));
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
        return socket;
    }

    /// What comes back for a byte: itself when it is served, '!' when not, 0 at the end.
    static char ask(const UniqueFd& socket, char question)
    {
        ::send(socket.get(), &question, 1, MSG_NOSIGNAL);
        char answer = 0;
        ::recv(socket.get(), &answer, 1, 0);
        return answer;
    }

    int port_ = 0;
    std::unique_ptr<Listener> listener_;
};

std::size_t entries(const char* directory)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), {}));
}

TEST_F(ListenerTest, ServesConnectionsSideBySide)
{
    listen(2);
    const auto one = connect();
    const auto two = connect();
    EXPECT_EQ(ask(one, 'a'), 'a');
    EXPECT_EQ(ask(two, 'b'), 'b');
    EXPECT_EQ(ask(one, 'c'), 'c');
}

TEST_F(ListenerTest, SaysNoBeyondItsLimitAndServesAgainWhenThereIsRoom)
{
    listen(1);
    auto first = connect();
    EXPECT_EQ(ask(first, 'a'), 'a');
    EXPECT_EQ(ask(connect(), 'b'), '!');
    first.reset();
    // The first one's thread needs a moment to end.
    char answer = '!';
    for (int attempt = 0; attempt < 1000 && answer != 'c'; ++attempt)
        answer = ask(connect(), 'c');
    EXPECT_EQ(answer, 'c');
}

TEST_F(ListenerTest, WhoDoesNotLogInKeepsNobodyOut)
{
    listen(2);
    const auto member = connect();
    EXPECT_EQ(ask(member, 'a'), 'a');
    const auto oldest = connect();
    std::vector<UniqueFd> idle;
    for (int i = 0; i < 20; ++i)
        idle.push_back(connect());
    const auto newcomer = connect();
    EXPECT_EQ(ask(newcomer, 'b'), 'b');
    EXPECT_EQ(ask(member, 'c'), 'c');
    EXPECT_EQ(ask(oldest, 'd'), '\0');
    EXPECT_EQ(ask(connect(), 'e'), '!') << "all that are here have logged in";
}

TEST_F(ListenerTest, EndsItsConnectionsWhenItStops)
{
    listen(4);
    const auto open = connect();
    EXPECT_EQ(ask(open, 'a'), 'a');
    listener_.reset();
    EXPECT_EQ(ask(open, 'b'), '\0');
}

TEST_F(ListenerTest, KeepsNoThreadAndNoDescriptorOfAnEndedConnection)
{
    std::thread([] {}).join(); // with the first thread, a sanitizer may start one of its own
    const auto descriptors = entries("/proc/self/fd");
    const auto threads = entries("/proc/self/task");
    listen(64);
    for (int round = 0; round < 200; ++round) {
        std::vector<UniqueFd> clients;
        for (char c = 'a'; c < 'i'; ++c) {
            clients.push_back(connect());
            ASSERT_EQ(ask(clients.back(), c), c);
        }
    }
    // Nobody connects any more; the threads are joined nonetheless.
    for (int attempt = 0; attempt < 1000 && entries("/proc/self/task") > threads + 1; ++attempt)
        ::poll(nullptr, 0, 10);
    EXPECT_EQ(entries("/proc/self/task"), threads + 1);
    listener_.reset();
    EXPECT_EQ(entries("/proc/self/fd"), descriptors);
    EXPECT_EQ(entries("/proc/self/task"), threads);
}

} // namespace
} // namespace nimbus::local::dsql

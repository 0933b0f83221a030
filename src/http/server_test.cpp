#include "base/error.h"
#include "base/unique_fd.h"
#include "http/client.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace nimbus::http {
namespace {

/// A server on a thread of its own.
class RunningServer {
public:
    explicit RunningServer(Handler handler, ServerOptions options = {})
        : server_(std::make_unique<Server>(loop_, std::move(options), std::move(handler))),
          thread_([this] { loop_.run(); })
    {
    }

    ~RunningServer() { stop(); }

    /// No handler runs any more; the loop is still there, for responders that are out.
    void stop()
    {
        if (!thread_.joinable())
            return;
        loop_.post([this] {
            server_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    std::string origin() const { return "http://127.0.0.1:" + std::to_string(port()); }
    std::uint16_t port() const { return server_->port(); }

private:
    net::EventLoop loop_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

UniqueFd connected_to(std::uint16_t port, int receive_buffer = 0)
{
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    if (receive_buffer > 0)
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
}

/// Sends bytes as they are and returns all that comes until the server closes.
std::string exchange(std::uint16_t port, std::string_view bytes)
{
    const auto fd = connected_to(port);
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string answer;
    std::array<char, 4096> buffer;
    ssize_t got = 0;
    while ((got = ::read(fd.get(), buffer.data(), buffer.size())) > 0)
        answer.append(buffer.data(), static_cast<std::size_t>(got));
    return answer;
}

void echo(Request request, Responder respond)
{
    respond({200,
             {{"X-Method", request.method}, {"X-Target", request.target}},
             std::move(request.body)});
}

TEST(Server, AnswersAClientOverOneConnection)
{
    const RunningServer server(echo);
    Client client;
    for (int i = 0; i < 3; ++i) {
        const auto response = client.send(
            server.origin(), {.method = "POST", .target = "/a%20b?x=1", .body = "hello"});
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "hello");
        EXPECT_EQ(response.headers.get("x-target"), "/a%20b?x=1");
    }
    const auto head = client.send(server.origin(), {.method = "HEAD", .target = "/"});
    EXPECT_EQ(head.body, "");
    const auto removed = client.send(server.origin(), {.method = "DELETE", .target = "/"});
    EXPECT_EQ(removed.headers.get("X-Method"), "DELETE");
}

TEST(Server, AnswersPipelinedRequestsInOrder)
{
    const RunningServer server(echo);
    const auto answer =
        exchange(server.port(), "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                                "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                                "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto one = answer.find("X-Target: /1");
    const auto two = answer.find("X-Target: /2");
    const auto three = answer.find("X-Target: /3");
    EXPECT_LT(one, two);
    EXPECT_LT(two, three);
    EXPECT_NE(three, std::string::npos);
}

TEST(Server, SaysGoOnToWhoeverExpectsItEvenBeforeAnEmptyBody)
{
    const RunningServer server(echo);
    for (const std::string_view body :
         {"Content-Length: 0\r\n\r\n", "\r\n", "Content-Length: 2\r\n\r\nhi",
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
        const auto answer = exchange(server.port(), "PUT /1 HTTP/1.1\r\nHost: h\r\n"
                                                    "Connection: close\r\n"
                                                    "Expect: 100-continue\r\n" +
                                                        std::string(body));
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
            << answer;
    }
}

TEST(Server, ReadsChunkedBodies)
{
    const RunningServer server(echo);
    const auto answer =
        exchange(server.port(), "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                                "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("\r\n\r\nabcde")) << answer;
}

TEST(Server, RefusesWhatIsMalformedOrTooLarge)
{
    const RunningServer server(echo, {.max_header_bytes = 1024, .max_body_bytes = 1000});
    EXPECT_TRUE(exchange(server.port(), "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    for (const std::string coding : {"gzip", "xchunked", "chunked, identity"})
        EXPECT_TRUE(exchange(server.port(), "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " +
                                                coding + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                        .starts_with("HTTP/1.1 400 "))
            << coding;
    EXPECT_TRUE(exchange(server.port(),
                         "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n")
                    .starts_with("HTTP/1.1 431 "));
    const auto too_large =
        exchange(server.port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" +
                                    std::string(5000, 'x'));
    EXPECT_TRUE(too_large.starts_with("HTTP/1.1 413 ")) << too_large;
    EXPECT_TRUE(too_large.ends_with("{\"message\":\"Content Too Large\"}"));
}

TEST(Server, KeepsForgedHeadersOutOfItsAnswers)
{
    const RunningServer server([](const Request&, Responder respond) {
        respond({200, {{"X-A", "1\r\nX-B: 2"}, {"Content-Length", "7"}}, "ok"});
    });
    const auto answer =
        exchange(server.port(), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answer.find("\r\nX-B:"), std::string::npos);
    EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
}

TEST(Server, TakesAnswersFromOtherThreadsAndClosesWhenThereIsNone)
{
    std::mutex mutex;
    std::vector<std::thread> threads;
    {
        const RunningServer server([&](const Request& request, Responder respond) {
            if (request.target == "/dropped")
                return;
            const std::lock_guard lock(mutex);
            threads.emplace_back(
                [respond = std::move(respond)]() mutable { respond({200, {}, "late"}); });
        });
        Client client;
        EXPECT_EQ(client.send(server.origin(), {.method = "GET", .target = "/"}).body, "late");
        EXPECT_THROW(client.send(server.origin(), {.method = "GET", .target = "/dropped"}),
                     TransportError);
    }
    for (auto& thread : threads)
        thread.join();
}

TEST(Server, ClosesConnectionsThatStayIdle)
{
    const RunningServer server(echo, {.idle_timeout = std::chrono::milliseconds(30)});
    EXPECT_EQ(exchange(server.port(), "GET /unfinished"), "");
}

/// A client that takes `pause` before each piece that it sends or receives.
std::size_t exchange_slowly(std::uint16_t port, std::string_view head, std::size_t to_send,
                            std::chrono::milliseconds pause)
{
    const auto fd = connected_to(port, 64 * 1024);
    EXPECT_EQ(::send(fd.get(), head.data(), head.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(head.size()));
    std::vector<char> piece(256 * 1024);
    while (to_send > 0) {
        std::this_thread::sleep_for(pause);
        const auto sent =
            ::send(fd.get(), piece.data(), std::min(piece.size(), to_send), MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        to_send -= static_cast<std::size_t>(sent);
    }
    std::size_t received = 0;
    for (;;) {
        std::this_thread::sleep_for(pause);
        const auto got = ::recv(fd.get(), piece.data(), piece.size(), MSG_WAITALL);
        if (got <= 0)
            return received;
        received += static_cast<std::size_t>(got);
    }
}

constexpr std::chrono::milliseconds idle{600};

TEST(Server, LetsASlowReaderGoOnThatMoves)
{
    constexpr std::size_t size = 16 * 1024 * 1024;
    const RunningServer server(
        [](const Request&, Responder respond) { respond({200, {}, std::string(size, 'x')}); },
        {.idle_timeout = idle});
    EXPECT_GT(exchange_slowly(server.port(),
                              "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 0,
                              idle / 20),
              size);
}

TEST(Server, LetsASlowWriterGoOnThatMoves)
{
    constexpr std::size_t size = 16 * 1024 * 1024;
    const RunningServer server(
        [](const Request& request, Responder respond) {
            respond({200, {}, std::to_string(request.body.size())});
        },
        {.max_body_bytes = size, .idle_timeout = idle});
    EXPECT_GT(exchange_slowly(server.port(),
                              "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                              "Content-Length: " +
                                  std::to_string(size) + "\r\n\r\n",
                              size, idle / 20),
              0U);
}

TEST(Server, ClosesWhenABodyStandsStill)
{
    const RunningServer server(echo, {.idle_timeout = std::chrono::milliseconds(30)});
    EXPECT_EQ(exchange(server.port(), "PUT / HTTP/1.1\r\nHost: h\r\n"
                                      "Content-Length: 100000\r\n\r\nhalf"),
              "");
}

/// A connection whose body has begun: the server has said that it reads it.
UniqueFd uploading_to(std::uint16_t port, std::size_t size)
{
    auto fd = connected_to(port);
    const auto head = "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " +
                      std::to_string(size) + "\r\n\r\n";
    EXPECT_EQ(::send(fd.get(), head.data(), head.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(head.size()));
    std::array<char, 25> go_on{};
    EXPECT_EQ(::recv(fd.get(), go_on.data(), go_on.size(), MSG_WAITALL),
              static_cast<ssize_t>(go_on.size()));
    return fd;
}

void send_all(const UniqueFd& fd, std::size_t size)
{
    const std::string body(size, 'x');
    for (std::size_t sent = 0; sent < size;) {
        const auto some = ::send(fd.get(), body.data() + sent, size - sent, MSG_NOSIGNAL);
        ASSERT_GT(some, 0);
        sent += static_cast<std::size_t>(some);
    }
}

/// The first line of the answer.
std::string answered(const UniqueFd& fd)
{
    std::string line(12, ' ');
    EXPECT_EQ(::recv(fd.get(), line.data(), line.size(), MSG_WAITALL), 12);
    return line;
}

TEST(Server, ASlowBodyMakesWayForOthers)
{
    constexpr std::size_t size = 1'000'000;
    const RunningServer server(echo, {.max_arriving_bytes = size, .slow_body = size * 1'000'000});
    const auto first = uploading_to(server.port(), size);
    send_all(first, size / 2);
    const auto second = uploading_to(server.port(), size);
    send_all(second, size / 4);
    const auto third = uploading_to(server.port(), size / 2);
    send_all(third, size / 2);
    EXPECT_EQ(answered(first), "HTTP/1.1 503") << "the oldest";
    EXPECT_EQ(answered(third), "HTTP/1.1 200");
    send_all(second, size - size / 4);
    EXPECT_EQ(answered(second), "HTTP/1.1 200");
}

TEST(Server, ServesNewConnectionsWhileOthersHoldIdleOnes)
{
    const RunningServer server(echo);
    std::vector<UniqueFd> idle_ones;
    while (idle_ones.size() < 1'200)
        idle_ones.push_back(connected_to(server.port()));
    EXPECT_EQ(Client().send(server.origin(), {.method = "GET", .target = "/"}).status, 200);
    char byte = 0;
    EXPECT_EQ(::recv(idle_ones.front().get(), &byte, 1, 0), 0) << "the first one made way";
    EXPECT_EQ(::recv(idle_ones.back().get(), &byte, 1, MSG_DONTWAIT), -1);
}

TEST(ServerDeathTest, ARequestIsAnsweredOnce)
{
    EXPECT_DEATH(
        {
            const RunningServer server([](const Request&, Responder respond) {
                respond({200, {}, "first"});
                respond({200, {}, "second"});
            });
            exchange(server.port(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        },
        "a request is answered once");
}

TEST(ServerDeathTest, AServerIsNotEndedFromAnotherThreadThanItsLoops)
{
    EXPECT_DEATH(
        {
            net::EventLoop loop;
            auto server = std::make_unique<Server>(loop, ServerOptions{}, echo);
            loop.post([&] { std::thread([&] { server.reset(); }).join(); });
            loop.run();
        },
        "a server ends on its loop's thread, or after the loop");
}

TEST(Server, SaysWhichPortIsTaken)
{
    const RunningServer server(echo);
    net::EventLoop loop;
    try {
        const Server second(loop, {.port = server.port()}, echo);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_EQ(error.what(), "Port " + std::to_string(server.port()) +
                                    " of 127.0.0.1 is in use by another program");
    }
}

TEST(Client, TellsWhenARequestCannotHaveArrived)
{
    std::uint16_t port = 0;
    {
        const RunningServer server(echo);
        port = server.port();
    }
    Client client;
    try {
        client.send("http://127.0.0.1:" + std::to_string(port), {.method = "GET", .target = "/"});
        FAIL() << "no exception";
    } catch (const TransportError& error) {
        EXPECT_FALSE(error.maybe_sent());
    }
}

TEST(Client, WaitsForOneAnswerAsLongAsTheCallSays)
{
    std::vector<Responder> unanswered; // the loop's thread's, until the server has stopped
    RunningServer server(
        [&](const Request&, Responder respond) { unanswered.push_back(std::move(respond)); });
    Client client;
    bool maybe_sent = false;
    try {
        client.send(server.origin(), {.method = "GET", .target = "/"},
                    {.total_timeout = std::chrono::milliseconds(20)});
    } catch (const TransportError& error) {
        maybe_sent = error.maybe_sent();
    }
    EXPECT_TRUE(maybe_sent);
    server.stop(); // the request may come only after the client gave up
    unanswered.clear();
}

TEST(Client, SendsNothingAgainByItselfWhenAConnectionBreaks)
{
    std::atomic<int> changes = 0;
    const RunningServer server([&](const Request& request, Responder respond) {
        if (request.method == "GET")
            respond({200, {}, "ok"});
        else
            ++changes; // it acts, and the connection breaks before the answer
    });
    Client client;
    int sent = 0;
    for (const char* method : {"POST", "DELETE"})
        for (const bool fresh : {false, true}) {
            // Leaves a connection that libcurl uses, and trusts to have been closed for no reason.
            client.send(server.origin(), {.method = "GET", .target = "/"});
            try {
                client.send(server.origin(), {.method = method, .target = "/"},
                            {.fresh_connection = fresh});
                FAIL() << "no exception";
            } catch (const TransportError& error) {
                EXPECT_TRUE(error.maybe_sent()) << error.what();
            }
            EXPECT_EQ(changes, ++sent) << method;
        }
}

TEST(Client, GivesALargeBodyMoreTime)
{
    constexpr std::chrono::milliseconds limit{50};
    const RunningServer server([&](const Request&, Responder respond) {
        std::this_thread::sleep_for(2 * limit); // a slow uplink
        respond({200, {}, "ok"});
    });
    Client client({.total_timeout = limit});
    EXPECT_THROW(client.send(server.origin(), {.method = "PUT", .target = "/", .body = "small"}),
                 TransportError);
    const std::string large(256 * 1024, 'x');
    EXPECT_EQ(client.send(server.origin(), {.method = "PUT", .target = "/", .body = large}).status,
              200);
}

TEST(Client, GivesUpWhenNothingMoves)
{
    std::mutex mutex;
    std::vector<Responder> unanswered;
    const RunningServer server([&](const Request&, Responder respond) {
        const std::lock_guard lock(mutex);
        unanswered.push_back(std::move(respond));
    });
    Client client({.idle_timeout = std::chrono::seconds(1)});
    EXPECT_THROW(client.send(server.origin(), {.method = "GET", .target = "/"}), TransportError);
    const std::lock_guard lock(mutex);
    unanswered.clear(); // while there is a loop that closes their connection
}

TEST(Client, ReachesThisMachineWithoutTheProxy)
{
    const RunningServer server(echo);
    ::setenv("http_proxy", "http://127.0.0.1:9", 1);
    Client client;
    EXPECT_EQ(client.send(server.origin(), {.method = "GET", .target = "/"}).status, 200);
    EXPECT_EQ(client
                  .send("http://localhost:" + std::to_string(server.port()),
                        {.method = "GET", .target = "/"})
                  .status,
              200);
    EXPECT_THROW(client.send("http://nowhere.example", {.method = "GET", .target = "/"}),
                 TransportError);
    ::unsetenv("http_proxy");
}

TEST(Client, SaysWhatAProxyAnswered)
{
    const RunningServer proxy(
        [&](const Request&, Responder respond) { respond({.status = 403, .body = "no"}); });
    ::setenv("https_proxy", proxy.origin().c_str(), 1);
    std::string reason;
    try {
        Client().send("https://nowhere.example", {.method = "GET", .target = "/"});
    } catch (const TransportError& error) {
        reason = error.what();
    }
    ::unsetenv("https_proxy");
    EXPECT_NE(reason.find("403"), std::string::npos) << reason;
}

TEST(Client, ReachesTheMetadataServicesOfThisMachineWithoutTheProxy)
{
    std::atomic<int> asked = 0;
    const RunningServer proxy([&](const Request&, Responder respond) {
        ++asked;
        respond({.status = 200});
    });
    ::setenv("http_proxy", proxy.origin().c_str(), 1);
    Client client;
    for (const char* origin :
         {"http://169.254.170.2:9", "http://[fd00:ec2::254]:9", "http://[fd00:ec2::23]:9"}) {
        try {
            client.send(origin, {.method = "GET", .target = "/"},
                        {.total_timeout = std::chrono::milliseconds(50)});
        } catch (const TransportError&) {
            // Nobody has such an address where tests run.
        }
    }
    EXPECT_EQ(asked, 0);
    client.send("http://nowhere.example", {.method = "GET", .target = "/"});
    EXPECT_EQ(asked, 1) << "the proxy is one";
    ::unsetenv("http_proxy");
}

} // namespace
} // namespace nimbus::http

#include "core/runtime_client.h"

#include "base/error.h"
#include "base/json.h"
#include "base/number.h"
#include "io/socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <nimbus/log.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace nimbus::detail {

namespace {

constexpr std::string_view base_path = "/2018-06-01/runtime";
/// Lambda's events are at most 6 MB; anything far beyond that is not an event.
constexpr std::size_t max_body = 64 * 1024 * 1024;
constexpr int max_attempts = 3;

/// Milliseconds since the epoch; never, where there are none or more than the clock can count.
SystemTime parse_deadline(std::string_view text)
{
    const auto count = parse_number<std::size_t>(text);
    const auto limit = std::chrono::floor<std::chrono::milliseconds>(SystemTime::duration::max());
    if (!count || *count >= static_cast<std::size_t>(limit.count()))
        return SystemTime::max();
    return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*count)));
}

void complain(std::string_view request_id, int status, std::string_view body)
{
    logger(request_id)
        .error("Lambda did not take the invocation's result",
               {{"status", status}, {"answer", body}});
}

} // namespace

std::string error_document(std::string_view message, std::string_view type)
{
    return compact_json(json::object{
        {"errorMessage", message}, {"errorType", type}, {"stackTrace", json::array()}});
}

RuntimeClient::RuntimeClient(std::string_view address) : reader_("the Lambda Runtime API", max_body)
{
    const auto colon = address.rfind(':');
    const auto port = colon == std::string_view::npos
                          ? std::nullopt
                          : parse_number<std::uint16_t>(address.substr(colon + 1));
    if (!port || *port == 0 || colon == 0)
        throw Error("AWS_LAMBDA_RUNTIME_API must be host:port, not \"" + std::string(address) +
                    "\"");
    host_ = address.substr(0, colon);
    port_ = *port;
}

void RuntimeClient::connect()
{
    reader_.reset();
    try {
        socket_ = connect_socket(host_, port_, Deadline::after(std::chrono::seconds{5}));
    } catch (const StreamError& failure) {
        throw Error(std::string("the Lambda Runtime API cannot be reached: ") + failure.what());
    }
    if (::fcntl(socket_.get(), F_SETFL, 0) != 0)
        throw_system_error(errno, "preparing the connection to the Lambda Runtime API");
}

void RuntimeClient::send(std::string_view head, std::string_view body, std::string_view tail)
{
    std::array<iovec, 3> parts{};
    std::size_t count = 0;
    for (const auto part : {head, body, tail})
        if (!part.empty())
            parts[count++] = {const_cast<char*>(part.data()), part.size()};
    std::size_t first = 0;
    while (first < count) {
        msghdr message{};
        message.msg_iov = &parts[first];
        message.msg_iovlen = count - first;
        const auto sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            throw_system_error(errno, "sending to the Lambda Runtime API");
        }
        auto left = static_cast<std::size_t>(sent);
        while (first < count && left >= parts[first].iov_len)
            left -= parts[first++].iov_len;
        if (first < count) {
            parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + left;
            parts[first].iov_len -= left;
        }
    }
}

void RuntimeClient::receive(std::string& to) const
{
    constexpr std::size_t chunk = 16 * 1024;
    const auto old_size = to.size();
    to.resize(old_size + chunk);
    ssize_t received = 0;
    do
        received = ::recv(socket_.get(), to.data() + old_size, chunk, 0);
    while (received < 0 && errno == EINTR);
    const int reason = errno;
    to.resize(old_size + static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
    if (received < 0)
        throw_system_error(reason, "reading from the Lambda Runtime API");
    if (received == 0)
        throw Error("the Lambda Runtime API closed the connection");
}

HttpAnswer RuntimeClient::read_answer()
{
    auto answer = reader_.next([this](std::string& to) { receive(to); });
    if (answer.is_last())
        socket_.reset();
    return answer;
}

std::string RuntimeClient::get_next_request() const
{
    return "GET " + std::string(base_path) + "/invocation/next HTTP/1.1\r\nHost: " + host_ + ":" +
           std::to_string(port_) + "\r\n\r\n";
}

std::string RuntimeClient::outcome_head(std::string_view request_id,
                                        const InvocationOutcome& outcome) const
{
    std::string head = "POST " + std::string(base_path) + "/invocation/" + std::string(request_id) +
                       (outcome.succeeded ? "/response" : "/error") +
                       " HTTP/1.1\r\nHost: " + host_ + ":" + std::to_string(port_) +
                       "\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(outcome.payload.size()) + "\r\n";
    if (!outcome.succeeded)
        head += "Lambda-Runtime-Function-Error-Type: " + outcome.error_type + "\r\n";
    return head + "\r\n";
}

Invocation RuntimeClient::take(HttpAnswer answer) const
{
    Invocation invocation;
    auto& context = invocation.context;
    context.request_id = answer.header("lambda-runtime-aws-request-id");
    if (answer.status != 200 || context.request_id.empty())
        throw Error("the Lambda Runtime API answered the question for the next event with status " +
                    std::to_string(answer.status));
    context.deadline = parse_deadline(answer.header("lambda-runtime-deadline-ms"));
    context.trace_id = answer.header("lambda-runtime-trace-id");
    invocation.payload = std::move(answer.body);
    return invocation;
}

Invocation RuntimeClient::next()
{
    for (int attempt = 1;; ++attempt) {
        try {
            if (!socket_)
                connect();
            send(get_next_request(), {}, {});
            return take(read_answer());
        } catch (const Error&) {
            socket_.reset();
            if (attempt == max_attempts)
                throw;
        }
    }
}

Invocation RuntimeClient::report_and_next(std::string_view request_id,
                                          const InvocationOutcome& outcome)
{
    const auto head = outcome_head(request_id, outcome);
    for (int attempt = 1;; ++attempt) {
        bool reported = false;
        try {
            if (!socket_)
                connect();
            send(head, outcome.payload, get_next_request());
            const auto receipt = read_answer();
            reported = true;
            // A repetition after a lost connection may find its first try already taken.
            if (receipt.status >= 400 && attempt == 1)
                complain(request_id, receipt.status, receipt.body);
            if (!socket_)
                return next();
            return take(read_answer());
        } catch (const Error&) {
            socket_.reset();
            if (reported)
                return next();
            if (attempt == max_attempts)
                throw;
        }
    }
}

void RuntimeClient::report_init_error(std::string_view message, std::string_view type)
{
    connect();
    const auto document = error_document(message, type);
    const auto head =
        "POST " + std::string(base_path) + "/init/error HTTP/1.1\r\nHost: " + host_ + ":" +
        std::to_string(port_) +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(document.size()) +
        "\r\nLambda-Runtime-Function-Error-Type: " + std::string(type) + "\r\n\r\n";
    send(head, document, {});
    read_answer();
}

} // namespace nimbus::detail

#include "core/runtime_client.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "io/resolver.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nimbus/log.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace nimbus::detail {

namespace {

constexpr std::string_view base_path = "/2018-06-01/runtime";
/// Lambda's events are at most 6 MB; anything far beyond that is not an event.
constexpr std::size_t max_body = 64 * 1024 * 1024;
constexpr std::size_t max_line = 64 * 1024;
constexpr int max_attempts = 3;

std::optional<std::size_t> parse_size(std::string_view text, int base)
{
    std::size_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value, base);
    if (failure != std::errc{} || stop != end || text.empty())
        return std::nullopt;
    return value;
}

[[noreturn]] void protocol_error(std::string_view what)
{
    throw Error("the Runtime API's answer is not HTTP/1.1: " + std::string(what));
}

/// Milliseconds since the epoch; never, where there are none or more than the clock can count.
SystemTime parse_deadline(std::string_view text)
{
    const auto count = parse_size(text, 10);
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

RuntimeClient::RuntimeClient(std::string_view address)
{
    const auto colon = address.rfind(':');
    const auto port =
        colon == std::string_view::npos ? std::nullopt : parse_size(address.substr(colon + 1), 10);
    if (!port || *port == 0 || *port > 65'535 || colon == 0)
        throw Error("AWS_LAMBDA_RUNTIME_API must be host:port, not \"" + std::string(address) +
                    "\"");
    host_ = address.substr(0, colon);
    port_ = static_cast<std::uint16_t>(*port);
}

void RuntimeClient::connect()
{
    buffer_.clear();
    position_ = 0;
    std::string failure = "no address";
    for (const auto& address :
         resolve_host(host_, port_, Deadline::after(std::chrono::seconds{5}))) {
        UniqueFd candidate(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!candidate)
            throw_system_error(errno, "creating a socket");
        if (::connect(candidate.get(), address.data(), address.size()) != 0) {
            failure = std::generic_category().message(errno);
            continue;
        }
        const int on = 1;
        ::setsockopt(candidate.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        socket_ = std::move(candidate);
        return;
    }
    throw Error("cannot reach the Lambda Runtime API at " + host_ + ":" + std::to_string(port_) +
                ": " + failure);
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

void RuntimeClient::fill()
{
    if (position_ > 0) {
        buffer_.erase(0, position_);
        position_ = 0;
    }
    constexpr std::size_t chunk = 16 * 1024;
    const auto old_size = buffer_.size();
    buffer_.resize(old_size + chunk);
    ssize_t received = 0;
    do
        received = ::recv(socket_.get(), buffer_.data() + old_size, chunk, 0);
    while (received < 0 && errno == EINTR);
    const int reason = errno;
    buffer_.resize(old_size + static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
    if (received < 0)
        throw_system_error(reason, "reading from the Lambda Runtime API");
    if (received == 0)
        throw Error("the Lambda Runtime API closed the connection");
}

std::string_view RuntimeClient::read_line()
{
    auto end = buffer_.find("\r\n", position_);
    while (end == std::string::npos) {
        if (buffer_.size() - position_ > max_line)
            protocol_error("a line is too long");
        fill();
        end = buffer_.find("\r\n", position_);
    }
    const auto line = std::string_view(buffer_).substr(position_, end - position_);
    position_ = end + 2;
    return line;
}

void RuntimeClient::read_exactly(std::size_t count, std::string& to)
{
    if (to.size() + count > max_body)
        protocol_error("the body is larger than any event");
    to.reserve(to.size() + count);
    while (count > 0) {
        if (position_ == buffer_.size())
            fill();
        const auto part = std::min(count, buffer_.size() - position_);
        to.append(buffer_, position_, part);
        position_ += part;
        count -= part;
    }
}

std::string_view RuntimeClient::Answer::header(std::string_view name) const noexcept
{
    const auto found =
        std::ranges::find_if(headers, [&](const auto& each) { return each.first == name; });
    return found == headers.end() ? std::string_view() : found->second;
}

RuntimeClient::Answer RuntimeClient::read_answer()
{
    Answer answer;
    const auto status_line = read_line();
    const auto status = status_line.starts_with("HTTP/1.1 ") && status_line.size() >= 12
                            ? parse_size(status_line.substr(9, 3), 10)
                            : std::nullopt;
    if (!status)
        protocol_error("it begins with \"" + std::string(status_line.substr(0, 40)) + "\"");
    answer.status = static_cast<int>(*status);

    for (auto line = read_line(); !line.empty(); line = read_line()) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || answer.headers.size() >= 100)
            protocol_error("a header is malformed, or there are too many");
        answer.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }

    if (iequals(answer.header("transfer-encoding"), "chunked")) {
        for (;;) {
            const auto line = read_line();
            const auto size = parse_size(trim(line.substr(0, line.find(';'))), 16);
            if (!size)
                protocol_error("a chunk's size is malformed");
            if (*size == 0)
                break;
            read_exactly(*size, answer.body);
            if (!read_line().empty())
                protocol_error("a chunk does not end where it should");
        }
        while (!read_line().empty()) {
        }
    } else if (const auto length = answer.header("content-length"); !length.empty()) {
        const auto size = parse_size(length, 10);
        if (!size)
            protocol_error("its Content-Length is not a number");
        read_exactly(*size, answer.body);
    } else if (answer.status != 204 && answer.status != 304) {
        protocol_error("it has neither Content-Length nor chunks");
    }
    if (iequals(answer.header("connection"), "close"))
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

Invocation RuntimeClient::take(Answer answer) const
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

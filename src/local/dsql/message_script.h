#pragma once

#include "base/number.h"
#include "base/text.h"
#include "local/dsql/session_fixture.h"
#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Single messages of the protocol, said to a server and heard from it.
namespace nimbus::local::dsql::testing_cluster {

/// A message as a line: "P name text" (Parse), "B portal statement", "D S name" and "D P name"
/// (Describe), "E portal rows", "C S name" and "C P name" (Close), "H" (Flush), "S" (Sync), "Q
/// text". A name that is "-" is empty.
inline std::string message_of(std::string_view line)
{
    const auto word = [&line] {
        const auto end = std::min(line.find(' '), line.size());
        const auto found = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        return std::string(found == "-" ? "" : found);
    };
    const auto type = word();
    pgwire::FrontendWriter writer;
    if (type == "Q") {
        writer.query(line);
    } else if (type == "P") {
        const auto name = word();
        writer.parse(name, line);
    } else if (type == "B") {
        const auto portal = word();
        // No parameters; all results as text.
        writer.bind(portal, word(), std::string_view("\0\0\0\0\0\0", 6));
    } else if (type == "S") {
        writer.sync();
    } else if (type == "H") {
        writer.flush();
    } else {
        std::string body;
        if (type == "E") {
            body = word() + '\0' + std::string(3, '\0');
            body += static_cast<char>(parse_number<int>(line).value_or(0));
        } else {
            body = word();
            body += word() + '\0';
        }
        const auto size = body.size() + 4;
        return type + std::string(2, '\0') + static_cast<char>(size >> 8) +
               static_cast<char>(size & 0xff) + body;
    }
    return writer.release();
}

/// What a server's message says, but for what depends on who it is.
inline std::string described_answer(const pgwire::Message& message)
{
    namespace backend = pgwire::backend;
    std::string text(1, message.type);
    switch (message.type) {
    case backend::command_complete:
        return text + ' ' + std::string(pgwire::command_tag(message.body));
    case backend::ready_for_query:
        return text + ' ' + std::string(message.body);
    case backend::error_response:
    case backend::notice_response: {
        const auto fields = pgwire::error_fields(message.body);
        return text + ' ' + fields.sqlstate + ' ' + fields.message;
    }
    case backend::data_row:
        for (const auto& value : pgwire::data_row(message.body))
            text += ' ' + std::string(value.value_or("NULL"));
        return text;
    default:
        return text;
    }
}

/// Talks in messages on a connection that libpq has opened, with TLS or without.
class MessageClient {
public:
    explicit MessageClient(Connection connection) : connection_(std::move(connection))
    {
        EXPECT_TRUE(connection_.ok()) << connection_.error();
        PQsetnonblocking(connection_.get(), 1);
        tls_ = static_cast<SSL*>(PQsslStruct(connection_.get(), "OpenSSL"));
    }

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = tls_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                   : static_cast<int>(::send(fd(), bytes.data(), bytes.size(),
                                                             MSG_NOSIGNAL | MSG_DONTWAIT));
            if (sent > 0)
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            else if (!wait(POLLOUT))
                return;
        }
    }
    void say(std::string_view lines)
    {
        std::string bytes;
        for (const auto line : split(lines, '\n'))
            if (!line.empty())
                bytes += message_of(line);
        send(bytes);
    }

    /// The next answer; "(nothing)" when there is none for long, "(end)" behind the last.
    std::string next()
    {
        for (;;) {
            if (const auto message = pgwire::first_message(received_, 1 << 24)) {
                auto text = described_answer(*message);
                received_.erase(0, message->size());
                return text;
            }
            char bytes[4096];
            const auto count =
                tls_ ? SSL_read(tls_, bytes, sizeof bytes)
                     : static_cast<int>(::recv(fd(), bytes, sizeof bytes, MSG_DONTWAIT));
            if (count > 0)
                received_.append(bytes, static_cast<std::size_t>(count));
            else if (has_ended(count))
                return "(end)";
            else if (!wait(POLLIN))
                return "(nothing)";
        }
    }
    /// Up to that many, or the end.
    std::vector<std::string> next(std::size_t count)
    {
        std::vector<std::string> all;
        while (all.size() < count && (all.empty() || !all.back().starts_with('(')))
            all.push_back(next());
        return all;
    }
    /// Up to the next ReadyForQuery, in one line.
    std::string until_ready()
    {
        std::string all;
        for (std::string answer; !answer.starts_with('Z') && !answer.starts_with('(');) {
            answer = next();
            all += (all.empty() ? "" : " | ") + answer;
        }
        return all;
    }
    std::string operator()(std::string_view lines)
    {
        say(lines);
        return until_ready();
    }

private:
    static constexpr std::chrono::milliseconds patience{10'000};

    int fd() const { return PQsocket(connection_.get()); }
    bool has_ended(int count) const
    {
        if (!tls_)
            return count == 0 || (errno != EAGAIN && errno != EINTR);
        const int error = SSL_get_error(tls_, count);
        return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    }
    bool wait(short events) const
    {
        pollfd place{fd(), events, 0};
        return ::poll(&place, 1, static_cast<int>(patience.count())) > 0;
    }

    Connection connection_;
    SSL* tls_ = nullptr;
    std::string received_;
};

} // namespace nimbus::local::dsql::testing_cluster

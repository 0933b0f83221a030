#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::detail {

/// What an HTTP/1.1 server answers.
struct HttpAnswer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;

    /// "" where there is none of that name, which is in lower case.
    std::string_view header(std::string_view name) const noexcept;
    /// The server closes the connection after this answer.
    bool is_last() const noexcept;
};

/// Takes the answers of one connection out of its bytes, however they arrive: RFC 9112. A body has
/// a Content-Length or comes in chunks.
class HttpAnswerReader {
public:
    /// Appends the next bytes of the connection, at least one. Throws when there are none.
    using Receive = std::function<void(std::string& to)>;

    /// `server` is how messages call it; what is longer than `max_body` is no answer.
    HttpAnswerReader(std::string server, std::size_t max_body);

    /// The next answer that is final. Throws Error when the bytes are none, and passes on what
    /// `receive` throws; the reader is good for nothing then but `reset`.
    HttpAnswer next(const Receive& receive);

    /// For another connection.
    void reset() noexcept;

private:
    HttpAnswer next_of_any_kind(const Receive& receive);
    void read_head(HttpAnswer& answer, const Receive& receive);
    void read_chunks(HttpAnswer& answer, const Receive& receive);
    void read_body(std::size_t count, HttpAnswer& answer, const Receive& receive);
    std::string_view read_line(const Receive& receive);
    void fill(const Receive& receive);
    [[noreturn]] void refuse(std::string_view reason) const;

    std::string server_;
    std::size_t max_body_;
    std::string buffer_; ///< received, and from position_ on not yet consumed
    std::size_t position_ = 0;
};

} // namespace nimbus::detail

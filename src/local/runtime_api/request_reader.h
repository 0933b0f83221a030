#pragma once

#include "base/assert.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nimbus::local {

/// What a runtime sent, as far as the Runtime API looks at it.
struct RuntimeRequest {
    std::string method;
    std::string target;
    std::string error_type; ///< Lambda-Runtime-Function-Error-Type
    std::string body;       ///< empty when it is larger than the limit
    std::size_t body_bytes = 0;
    bool keep_alive = true;
};

/// Reads HTTP/1.1 requests (RFC 9112) out of the bytes that one runtime sends, without I/O.
///
/// A reader of its own because an invocation is two requests here: with the general server (a
/// parser, a header list, a write per answer) they took 38 µs of the loop's thread, where a whole
/// invocation now takes 20 µs.
/// Web pages get nothing: what names another host, or tells its origin, is malformed.
/// The method, target and body keep their memory from one request to the next.
class RequestReader {
public:
    enum class Step { incomplete, complete, malformed };

    /// Bodies of more than `max_body` bytes are read and thrown away.
    explicit RequestReader(std::size_t max_body) : max_body_(max_body) {}

    /// Where bytes that arrive next go; empty when the requests that wait fill the buffer.
    std::span<char> space() noexcept;
    void received(std::size_t count) noexcept
    {
        NIMBUS_ASSERT(count <= buffer_.size() - end_, "no more comes than there was space for");
        end_ += count;
    }

    /// Goes on to the next complete request. Stays malformed once it was.
    Step next();
    /// Of the last `complete`; the body may be moved out.
    RuntimeRequest& request() noexcept { return request_; }

    /// True once for each request whose sender waits for "100 Continue" before its body.
    bool take_expectation() noexcept;
    bool has_unread_bytes() const noexcept { return begin_ != end_; }

    static constexpr std::size_t max_head = 16 * 1024;
    /// Beyond any answer that a runtime could mean: not even read to its end.
    static constexpr std::size_t max_unwanted_body = 256 * 1024 * 1024;

private:
    enum class Phase { head, body, chunk_size, chunk_data, chunk_end, trailers, broken };

    std::string_view unread() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
    Step step();
    Step read_head();
    Step read_body();
    Step read_chunk_size();
    Step read_chunk_end();
    Step read_trailers();
    bool parse_head(std::string_view head);
    bool parse_request_line(std::string_view line);
    bool parse_field(std::string_view line);
    bool begin_body();
    void take_body_bytes();
    /// A line without its end, or nothing while it is incomplete; `data()` is null then.
    std::string_view take_line() noexcept;

    std::size_t max_body_;
    std::array<char, 32 * 1024> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t scanned_ = 0; ///< of the head, how far its end was looked for
    Phase phase_ = Phase::head;
    RuntimeRequest request_;
    bool has_length_ = false;
    bool is_chunked_ = false;
    bool expects_continue_ = false;
    std::size_t remaining_ = 0; ///< of the body or the chunk
};

} // namespace nimbus::local

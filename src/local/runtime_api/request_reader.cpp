#include "local/runtime_api/request_reader.h"

#include "base/number.h"
#include "base/text.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace nimbus::local {
namespace {

constexpr std::size_t max_line = 1024;

bool is_token(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && c != ':' && c != '(' && c != ')' && c != '"';
    });
}

/// An address, or a name without dots: no name of a web page's, which could stand for 127.0.0.1.
bool is_local(std::string_view host)
{
    const auto name = host.substr(0, host.find(':'));
    return !name.contains('.') || name.find_first_not_of("0123456789.") == std::string_view::npos;
}

} // namespace

std::span<char> RequestReader::space() noexcept
{
    NIMBUS_ASSERT(begin_ <= end_ && end_ <= buffer_.size(), "what is unread lies in the buffer");
    if (begin_ == end_) {
        begin_ = end_ = scanned_ = 0;
    } else if (end_ == buffer_.size() && begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        scanned_ -= std::min(scanned_, begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span(buffer_).subspan(end_);
}

bool RequestReader::take_expectation() noexcept
{
    const bool waits = expects_continue_ && phase_ != Phase::head && phase_ != Phase::broken;
    expects_continue_ = expects_continue_ && !waits;
    return waits;
}

RequestReader::Step RequestReader::next()
{
    for (;;) {
        const auto result = step();
        if (result == Step::malformed)
            phase_ = Phase::broken;
        if (result != Step::complete)
            return result;
        if (phase_ == Phase::head)
            return Step::complete;
    }
}

/// One phase; `complete` means that the phase is over, and the request too when the phase is
/// `head` again.
RequestReader::Step RequestReader::step()
{
    switch (phase_) {
    case Phase::head:
        return read_head();
    case Phase::body:
    case Phase::chunk_data:
        return read_body();
    case Phase::chunk_size:
        return read_chunk_size();
    case Phase::chunk_end:
        return read_chunk_end();
    case Phase::trailers:
        return read_trailers();
    case Phase::broken:
        break;
    }
    return Step::malformed;
}

RequestReader::Step RequestReader::read_head()
{
    // An empty line before a request is let pass (RFC 9112 section 2.2).
    while (unread().starts_with("\r\n"))
        begin_ += 2;
    scanned_ = std::max(scanned_, begin_);
    const auto head_end = std::string_view(buffer_.data(), end_).find("\r\n\r\n", scanned_);
    if (head_end == std::string_view::npos) {
        scanned_ = std::max(begin_, end_ - std::min<std::size_t>(end_, 3));
        return end_ - begin_ > max_head ? Step::malformed : Step::incomplete;
    }
    const auto head = std::string_view(buffer_.data() + begin_, head_end + 2 - begin_);
    begin_ = scanned_ = head_end + 4;
    if (head.size() > max_head || !parse_head(head) || !begin_body())
        return Step::malformed;
    return Step::complete;
}

bool RequestReader::parse_head(std::string_view head)
{
    request_.error_type.clear();
    request_.body.clear();
    request_.body_bytes = 0;
    request_.keep_alive = true;
    has_length_ = is_chunked_ = expects_continue_ = false;
    remaining_ = 0;

    auto line_end = head.find("\r\n");
    if (!parse_request_line(head.substr(0, line_end)))
        return false;
    for (head.remove_prefix(line_end + 2); !head.empty(); head.remove_prefix(line_end + 2)) {
        line_end = head.find("\r\n");
        if (!parse_field(head.substr(0, line_end)))
            return false;
    }
    return true;
}

bool RequestReader::parse_request_line(std::string_view line)
{
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return false;
    const auto version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return false;
    request_.keep_alive = version == "HTTP/1.1";
    request_.method = line.substr(0, first);
    request_.target = line.substr(first + 1, last - first - 1);
    return is_token(request_.method) && request_.target.starts_with('/') &&
           request_.target.find(' ') == std::string::npos;
}

bool RequestReader::parse_field(std::string_view line)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return false;
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (iequals(name, "content-length")) {
        const auto length = parse_number<std::size_t>(value, 10);
        if (!length || has_length_)
            return false;
        has_length_ = true;
        remaining_ = *length;
    } else if (iequals(name, "transfer-encoding")) {
        if (!iequals(value, "chunked") || is_chunked_)
            return false;
        is_chunked_ = true;
    } else if (iequals(name, "connection")) {
        if (iequals(value, "close"))
            request_.keep_alive = false;
    } else if (iequals(name, "expect")) {
        expects_continue_ = iequals(value, "100-continue");
    } else if (iequals(name, "host")) {
        return is_local(value);
    } else if (iequals(name, "origin") || iequals(name, "sec-fetch-site")) {
        return false; // a web page's
    } else if (iequals(name, "lambda-runtime-function-error-type")) {
        request_.error_type = value;
    }
    return true;
}

bool RequestReader::begin_body()
{
    if (has_length_ && is_chunked_)
        return false; // two lengths: RFC 9112 section 6.3
    if (is_chunked_) {
        phase_ = Phase::chunk_size;
        return true;
    }
    if (remaining_ > max_unwanted_body)
        return false;
    if (remaining_ > 0) {
        phase_ = Phase::body;
        if (remaining_ <= max_body_)
            request_.body.reserve(remaining_);
    }
    return true;
}

void RequestReader::take_body_bytes()
{
    const auto bytes = unread().substr(0, remaining_);
    begin_ += bytes.size();
    remaining_ -= bytes.size();
    request_.body_bytes += bytes.size();
    const auto expected = request_.body_bytes + (phase_ == Phase::body ? remaining_ : 0);
    if (expected <= max_body_)
        request_.body += bytes;
    else
        request_.body.clear();
}

RequestReader::Step RequestReader::read_body()
{
    take_body_bytes();
    if (remaining_ > 0)
        return Step::incomplete;
    phase_ = phase_ == Phase::body ? Phase::head : Phase::chunk_end;
    return Step::complete;
}

std::string_view RequestReader::take_line() noexcept
{
    const auto bytes = unread();
    const auto line_end = bytes.find("\r\n");
    if (line_end == std::string_view::npos)
        return {};
    begin_ += line_end + 2;
    return bytes.substr(0, line_end);
}

RequestReader::Step RequestReader::read_chunk_size()
{
    const auto line = take_line();
    if (line.data() == nullptr)
        return end_ - begin_ > max_line ? Step::malformed : Step::incomplete;
    const auto size = parse_number<std::size_t>(trim(line.substr(0, line.find(';'))), 16);
    if (!size || *size > max_unwanted_body - request_.body_bytes)
        return Step::malformed;
    remaining_ = *size;
    phase_ = *size == 0 ? Phase::trailers : Phase::chunk_data;
    return Step::complete;
}

RequestReader::Step RequestReader::read_chunk_end()
{
    if (end_ - begin_ < 2)
        return Step::incomplete;
    if (!unread().starts_with("\r\n"))
        return Step::malformed;
    begin_ += 2;
    phase_ = Phase::chunk_size;
    return Step::complete;
}

RequestReader::Step RequestReader::read_trailers()
{
    for (;;) {
        const auto line = take_line();
        if (line.data() == nullptr)
            return end_ - begin_ > max_line ? Step::malformed : Step::incomplete;
        if (line.empty()) {
            phase_ = Phase::head;
            return Step::complete;
        }
        // Runtimes that stream tell an error that comes late in a trailer.
        const auto colon = line.find(':');
        if (iequals(line.substr(0, colon), "lambda-runtime-function-error-type"))
            request_.error_type =
                colon == std::string_view::npos ? "" : trim(line.substr(colon + 1));
    }
}

} // namespace nimbus::local

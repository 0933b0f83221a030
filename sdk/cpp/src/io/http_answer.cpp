#include "io/http_answer.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

#include <algorithm>

namespace nimbus::detail {

namespace {

constexpr std::size_t max_line = 64 * 1024;
constexpr std::size_t max_headers = 100;

} // namespace

std::string_view HttpAnswer::header(std::string_view name) const noexcept
{
    const auto found =
        std::ranges::find_if(headers, [&](const auto& each) { return each.first == name; });
    return found == headers.end() ? std::string_view() : found->second;
}

bool HttpAnswer::is_last() const noexcept
{
    return iequals(header("connection"), "close");
}

HttpAnswerReader::HttpAnswerReader(std::string server, std::size_t max_body)
    : server_(std::move(server)), max_body_(max_body)
{
}

void HttpAnswerReader::reset() noexcept
{
    buffer_.clear();
    position_ = 0;
}

void HttpAnswerReader::refuse(std::string_view reason) const
{
    throw Error("the answer of " + server_ + " is not HTTP/1.1: " + std::string(reason));
}

void HttpAnswerReader::fill(const Receive& receive)
{
    buffer_.erase(0, position_);
    position_ = 0;
    receive(buffer_);
}

std::string_view HttpAnswerReader::read_line(const Receive& receive)
{
    for (;;) {
        const auto end = buffer_.find("\r\n", position_);
        if (std::min(end, buffer_.size()) - position_ > max_line)
            refuse("a line is too long");
        if (end != std::string::npos) {
            const auto line = std::string_view(buffer_).substr(position_, end - position_);
            position_ = end + 2;
            return line;
        }
        fill(receive);
    }
}

void HttpAnswerReader::read_body(std::size_t count, HttpAnswer& answer, const Receive& receive)
{
    if (count > max_body_ - answer.body.size())
        refuse("the body is too large");
    answer.body.reserve(answer.body.size() + count);
    while (count > 0) {
        if (position_ == buffer_.size())
            fill(receive);
        const auto part = std::min(count, buffer_.size() - position_);
        answer.body.append(buffer_, position_, part);
        position_ += part;
        count -= part;
    }
}

void HttpAnswerReader::read_head(HttpAnswer& answer, const Receive& receive)
{
    const auto status_line = read_line(receive);
    const auto status = status_line.starts_with("HTTP/1.1 ")
                            ? parse_number<unsigned>(status_line.substr(9, 3))
                            : std::nullopt;
    if (!status || *status < 100)
        refuse("it begins with \"" + std::string(status_line.substr(0, 40)) + "\"");
    answer.status = static_cast<int>(*status);

    for (auto line = read_line(receive); !line.empty(); line = read_line(receive)) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || answer.headers.size() >= max_headers)
            refuse("a header is malformed, or there are too many");
        answer.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
}

void HttpAnswerReader::read_chunks(HttpAnswer& answer, const Receive& receive)
{
    for (;;) {
        const auto line = read_line(receive);
        const auto size = parse_number<std::size_t>(trim(line.substr(0, line.find(';'))), 16);
        if (!size)
            refuse("a chunk's size is malformed");
        if (*size == 0)
            break;
        read_body(*size, answer, receive);
        if (!read_line(receive).empty())
            refuse("a chunk does not end where it should");
    }
    while (!read_line(receive).empty()) {
    }
}

HttpAnswer HttpAnswerReader::next_of_any_kind(const Receive& receive)
{
    HttpAnswer answer;
    read_head(answer, receive);
    if (iequals(answer.header("transfer-encoding"), "chunked")) {
        read_chunks(answer, receive);
    } else if (const auto length = answer.header("content-length"); !length.empty()) {
        const auto size = parse_number<std::size_t>(length);
        if (!size)
            refuse("its Content-Length is not a number");
        read_body(*size, answer, receive);
    } else if (answer.status >= 200 && answer.status != 204 && answer.status != 304) {
        refuse("it has neither Content-Length nor chunks");
    }
    return answer;
}

HttpAnswer HttpAnswerReader::next(const Receive& receive)
{
    for (;;) {
        auto answer = next_of_any_kind(receive);
        if (answer.status >= 200)
            return answer;
    }
}

} // namespace nimbus::detail

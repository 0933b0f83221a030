#include "local/dsql/copy_rows.h"

#include <algorithm>
#include <utility>

namespace nimbus::local::dsql {

std::uint64_t CopyRows::add(std::string_view bytes)
{
    rows_ = 0;
    if (format_.kind == CopyFormat::Kind::binary)
        binary(bytes);
    else
        for (const char c : bytes) {
            if (has_ended_)
                break;
            format_.kind == CopyFormat::Kind::text ? text(c) : csv(c);
        }
    return rows_;
}

void CopyRows::count_line()
{
    line_ = Line::inside;
    if (++lines_ > 1 || !format_.has_header)
        ++rows_;
}

/// Lines end with a line feed, a carriage return, or both.
void CopyRows::end_line(char c)
{
    last_end_ = c;
    line_ = Line::begin;
}

bool CopyRows::continues_line_end(char c)
{
    return std::exchange(last_end_, '\0') == '\r' && c == '\n';
}

void CopyRows::text(char c)
{
    if (line_ == Line::begin) {
        if (continues_line_end(c))
            return;
        if (c == '\\') {
            line_ = Line::backslash;
            return;
        }
        count_line();
    } else if (line_ == Line::backslash) {
        // "\." ends the data; anything else is an escaped character, the first of a row.
        has_ended_ = c == '.';
        if (!has_ended_)
            count_line();
        return;
    }
    if (is_escaped_)
        is_escaped_ = false;
    else if (c == '\\')
        is_escaped_ = true;
    else if (c == '\n' || c == '\r')
        end_line(c);
}

void CopyRows::csv(char c)
{
    if (line_ == Line::begin) {
        if (continues_line_end(c))
            return;
        count_line();
    }
    if (is_escaped_)
        is_escaped_ = false;
    else if (is_quoted_ && c == format_.escape && format_.escape != format_.quote)
        is_escaped_ = true;
    else if (c == format_.quote)
        is_quoted_ = !is_quoted_; // a doubled quote ends and begins again
    else if (!is_quoted_ && (c == '\n' || c == '\r'))
        end_line(c);
}

/// A number of `size` bytes, when its last one is there.
std::optional<std::uint32_t> CopyRows::take_number(std::string_view& bytes, int size)
{
    while (!bytes.empty()) {
        number_ = (number_ << 8) | static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (++digits_ == size) {
            digits_ = 0;
            return std::exchange(number_, 0);
        }
    }
    return std::nullopt;
}

void CopyRows::binary(std::string_view bytes)
{
    constexpr std::uint32_t end_of_data = 0xffff; // a count of -1
    constexpr std::uint32_t null = 0xffffffff;    // a length of -1
    while (!has_ended_) {
        const auto skipped = std::min<std::size_t>(skip_, bytes.size());
        bytes.remove_prefix(skipped);
        skip_ -= skipped;
        const auto number = take_number(bytes, part_ == Part::field_count ? 2 : 4);
        if (!number)
            return;
        switch (part_) {
        case Part::extension_length:
            skip_ = *number;
            part_ = Part::field_count;
            break;
        case Part::field_count:
            has_ended_ = *number == end_of_data;
            rows_ += has_ended_ ? 0 : 1;
            fields_left_ = *number;
            part_ = fields_left_ > 0 ? Part::field_length : Part::field_count;
            break;
        case Part::field_length:
            skip_ = *number == null ? 0 : *number;
            part_ = --fields_left_ > 0 ? Part::field_length : Part::field_count;
            break;
        }
    }
}

} // namespace nimbus::local::dsql

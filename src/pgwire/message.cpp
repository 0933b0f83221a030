#include "pgwire/message.h"

#include "base/assert.h"

#include <limits>

namespace nimbus::pgwire {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t max_length = std::numeric_limits<std::int32_t>::max();

} // namespace

std::string_view Reader::take(std::size_t count)
{
    if (rest_.size() < count)
        throw Malformed("the message is too short");
    const auto part = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return part;
}

std::uint32_t Reader::number(std::size_t bytes)
{
    std::uint32_t value = 0;
    for (const char c : take(bytes))
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::string_view Reader::text()
{
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos)
        throw Malformed("a text in the message has no end");
    const auto part = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return part;
}

std::optional<std::string_view> Reader::value()
{
    const auto size = int32();
    if (size == -1)
        return std::nullopt;
    if (size < 0)
        throw Malformed("a value has a negative length");
    return take(static_cast<std::size_t>(size));
}

std::optional<Header> first_header(std::string_view buffer)
{
    if (buffer.size() < header_size)
        return std::nullopt;
    const std::size_t length = Reader(buffer.substr(1)).uint32();
    if (length < length_size)
        throw Malformed("a message's length is below 4");
    return Header{buffer.front(), length + 1};
}

std::optional<Message> first_message(std::string_view buffer, std::size_t max_size)
{
    const auto header = first_header(buffer);
    if (!header)
        return std::nullopt;
    if (header->size > max_size)
        throw TooLong("a message is longer than allowed");
    if (buffer.size() < header->size)
        return std::nullopt;
    return Message{header->type, buffer.substr(header_size, header->size - header_size)};
}

std::size_t Writer::begin(char type)
{
    if (type != 0)
        bytes_ += type;
    const auto position = bytes_.size();
    add_int32(0);
    return position;
}

void Writer::end(std::size_t length_position)
{
    NIMBUS_ASSERT(length_position + length_size <= bytes_.size(), "what ends was begun");
    const auto size = bytes_.size() - length_position;
    if (size > max_length)
        throw TooLong("a message is longer than the protocol can say");
    const auto length = static_cast<std::uint32_t>(size);
    for (std::size_t i = 0; i < length_size; ++i)
        bytes_[length_position + i] = static_cast<char>(length >> (24 - 8 * i) & 0xff);
}

void Writer::add_int16(std::size_t value)
{
    NIMBUS_ASSERT(value <= std::numeric_limits<std::uint16_t>::max(), "a count has 16 bits");
    bytes_ += static_cast<char>(value >> 8 & 0xff);
    bytes_ += static_cast<char>(value & 0xff);
}

void Writer::add_int32(std::int64_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes_ += static_cast<char>(value >> shift & 0xff);
}

void Writer::add_text(std::string_view text)
{
    bytes_ += text;
    bytes_ += '\0';
}

void Writer::add_value(std::optional<std::string_view> value)
{
    if (!value) {
        add_int32(-1);
        return;
    }
    add_int32(static_cast<std::int64_t>(value->size()));
    bytes_ += *value;
}

} // namespace nimbus::pgwire

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// PostgreSQL's protocol 3.0, both directions, as bytes and without I/O. Source: PostgreSQL
/// documentation, "Frontend/Backend Protocol", sections "Message Data Types" and "Message Formats".
namespace nimbus::pgwire {

/// The bytes are not what the protocol allows there.
class Malformed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A message or packet is longer than its reader takes.
class TooLong : public Malformed {
public:
    using Malformed::Malformed;
};

/// Reads a message's body from left to right; throws Malformed where it is too short. What it
/// returns points into the body.
class Reader {
public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::string_view take(std::size_t count);
    std::uint8_t byte() { return static_cast<std::uint8_t>(take(1).front()); }
    std::uint16_t int16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t uint32() { return number(4); }
    std::int32_t int32() { return static_cast<std::int32_t>(number(4)); }
    /// Up to the next zero byte, which it takes too.
    std::string_view text();
    /// A value with its length before it; nothing for NULL.
    std::optional<std::string_view> value();

    bool at_end() const noexcept { return rest_.empty(); }
    std::string_view rest() const noexcept { return rest_; }

private:
    std::uint32_t number(std::size_t bytes);

    std::string_view rest_;
};

/// The first five bytes of every message but the start-up packets.
struct Header {
    char type = 0;
    std::size_t size = 0; ///< of the whole message, header included
};
inline constexpr std::size_t header_size = 5;

/// What a name in a Close or Describe is of.
enum class Named : char { statement = 'S', portal = 'P' };

/// The byte of a ReadyForQuery.
enum class TransactionStatus : char { idle = 'I', in_block = 'T', failed = 'E' };

/// Nothing while fewer than five bytes are there. Throws Malformed for a length below 4.
std::optional<Header> first_header(std::string_view buffer);

struct Message {
    char type = 0;
    std::string_view body;

    std::size_t size() const noexcept { return body.size() + header_size; }
};

/// The message that `buffer` begins with, if it is there in full. Throws Malformed when its length
/// is below 4, TooLong when the whole is above `max_size`.
std::optional<Message> first_message(std::string_view buffer, std::size_t max_size);

/// Messages one after the other in one buffer.
class Writer {
public:
    const std::string& bytes() const noexcept { return bytes_; }
    std::string release() noexcept { return std::move(bytes_); }

protected:
    /// Writes the type, unless it is 0, and room for the length; `end` fills that in, and throws
    /// TooLong for what 31 bits cannot say.
    std::size_t begin(char type);
    void end(std::size_t length_position);
    void add_byte(char value) { bytes_ += value; }
    void add_bytes(std::string_view bytes) { bytes_ += bytes; }
    void add_int16(std::size_t value); ///< at most 65,535
    void add_int32(std::int64_t value);
    void add_text(std::string_view text);
    void add_value(std::optional<std::string_view> value);

private:
    std::string bytes_;
};

} // namespace nimbus::pgwire

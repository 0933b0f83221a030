#include "frontends/bundler_packet.h"

#include "base/error.h"

namespace nimbus::frontends {
namespace {

enum class Kind : unsigned char { null, boolean, number, text, bytes, array, object };

constexpr std::size_t length_size = 4;
/// Its own packets have four or five.
constexpr int most_levels = 32;

void append_number(std::string& out, std::uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        out += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(std::string_view bytes)
{
    std::uint32_t number = 0;
    for (int i = length_size - 1; i >= 0; --i)
        number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    return number;
}

class Writer {
public:
    std::string take() { return std::move(out_); }

    void number(std::uint32_t number) { append_number(out_, number); }

    void value(const json::value& value)
    {
        switch (value.kind()) {
        case json::kind::null:
            return kind(Kind::null);
        case json::kind::bool_:
            kind(Kind::boolean);
            out_ += value.get_bool() ? '\1' : '\0';
            return;
        case json::kind::string:
            kind(Kind::text);
            return text(value.get_string());
        case json::kind::array:
            kind(Kind::array);
            number(static_cast<std::uint32_t>(value.get_array().size()));
            for (const auto& each : value.get_array())
                this->value(each);
            return;
        case json::kind::object:
            return object(value.get_object(), {});
        default:
            kind(Kind::number);
            number(value.to_number<std::uint32_t>());
        }
    }

    void object(const json::object& object, const std::optional<std::string>& contents)
    {
        kind(Kind::object);
        number(static_cast<std::uint32_t>(object.size() + (contents ? 1 : 0)));
        for (const auto& [key, member] : object) {
            text(key);
            value(member);
        }
        if (!contents)
            return;
        text("contents");
        kind(Kind::bytes);
        text(*contents);
    }

private:
    void kind(Kind kind) { out_ += static_cast<char>(kind); }

    void text(std::string_view text)
    {
        number(static_cast<std::uint32_t>(text.size()));
        out_ += text;
    }

    std::string out_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint32_t number()
    {
        const auto number = number_at(taken(length_size));
        return number;
    }

    json::value value(int levels = most_levels)
    {
        if (levels == 0)
            fail();
        switch (static_cast<Kind>(taken(1).front())) {
        case Kind::null:
            return nullptr;
        case Kind::boolean:
            return taken(1).front() != '\0';
        case Kind::number:
            return number();
        case Kind::text:
        case Kind::bytes:
            return json::string(text());
        case Kind::array: {
            json::array array;
            for (auto count = number(); count > 0; --count)
                array.push_back(value(levels - 1));
            return array;
        }
        case Kind::object: {
            json::object object;
            for (auto count = number(); count > 0; --count) {
                const auto key = text();
                object[key] = value(levels - 1);
            }
            return object;
        }
        }
        fail();
    }

    void end() const
    {
        if (!rest_.empty())
            fail();
    }

private:
    [[noreturn]] static void fail()
    {
        throw Error("esbuild sent what is no packet of its protocol");
    }

    std::string_view taken(std::size_t size)
    {
        if (size > rest_.size())
            fail();
        const auto bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return bytes;
    }

    std::string_view text() { return taken(number()); }

    std::string_view rest_;
};

} // namespace

std::string encode_packet(const BundlerPacket& packet)
{
    Writer writer;
    writer.number(packet.id << 1 | (packet.is_request ? 0U : 1U));
    if (const auto* object = packet.value.if_object())
        writer.object(*object, packet.contents);
    else
        writer.value(packet.value);
    const auto body = writer.take();
    std::string bytes;
    append_number(bytes, static_cast<std::uint32_t>(body.size()));
    return bytes + body;
}

BundlerPacket decode_packet(std::string_view bytes)
{
    Reader reader(bytes);
    const auto number = reader.number();
    BundlerPacket packet{
        .id = number >> 1, .is_request = (number & 1U) == 0, .value = reader.value()};
    reader.end();
    return packet;
}

std::optional<std::string> take_frame(std::string& read_so_far)
{
    if (read_so_far.size() < length_size)
        return {};
    const std::size_t size = number_at(read_so_far);
    if (read_so_far.size() - length_size < size)
        return {};
    auto frame = read_so_far.substr(length_size, size);
    read_so_far.erase(0, length_size + size);
    return frame;
}

} // namespace nimbus::frontends

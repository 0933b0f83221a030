#include "local/instances/id_source.h"

#include "base/assert.h"
#include "base/random.h"

namespace nimbus::local {
namespace {

constexpr std::size_t stock_size = 4096;
constexpr char digits[] = "0123456789abcdef";

void append_hex(std::string& out, std::string_view bytes)
{
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
}

} // namespace

std::string_view IdSource::take(std::size_t bytes)
{
    NIMBUS_ASSERT(bytes <= stock_size && used_ <= stock_.size(), "an identifier fits the stock");
    if (stock_.size() - used_ < bytes) {
        stock_ = random_bytes(stock_size);
        used_ = 0;
    }
    used_ += bytes;
    return std::string_view(stock_).substr(used_ - bytes, bytes);
}

std::string IdSource::uuid()
{
    auto text = hex(16);
    text[12] = '4';
    text[16] = digits[8 + (static_cast<unsigned char>(text[16]) & 3)];
    for (const std::size_t dash : {8u, 13u, 18u, 23u})
        text.insert(dash, 1, '-');
    return text;
}

std::string IdSource::hex(std::size_t bytes)
{
    std::string text;
    text.reserve(bytes * 2 + 4);
    append_hex(text, take(bytes));
    return text;
}

std::string IdSource::trace_id(SystemTime now)
{
    const auto seconds = static_cast<std::uint32_t>(to_unix_seconds(now));
    std::string text = "Root=1-";
    text.reserve(80);
    for (int shift = 28; shift >= 0; shift -= 4)
        text += digits[(seconds >> shift) & 15];
    text += '-';
    append_hex(text, take(12));
    text += ";Parent=";
    append_hex(text, take(8));
    text += ";Sampled=0";
    return text;
}

} // namespace nimbus::local

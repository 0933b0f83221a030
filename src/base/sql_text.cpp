#include "base/sql_text.h"

namespace nimbus {
namespace {

std::string enclosed(std::string_view text, char quote)
{
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote)
            result += quote;
        result += c;
    }
    result += quote;
    return result;
}

} // namespace

std::string quote_identifier(std::string_view text)
{
    return enclosed(text, '"');
}

std::string quote_table(std::string_view written)
{
    const auto dot = written.find('.');
    if (dot == std::string_view::npos)
        return quote_identifier(written);
    return quote_identifier(written.substr(0, dot)) + '.' +
           quote_identifier(written.substr(dot + 1));
}

std::string quote_literal(std::string_view text)
{
    return enclosed(text, '\'');
}

} // namespace nimbus

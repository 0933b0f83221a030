#include "base/text.h"

#include <algorithm>
#include <nimbus/detail/sql_mapping.hpp>

/// Arrays as text (PostgreSQL's manual, section 8.15.6, "Array Input and Output Syntax").
namespace nimbus::sql::detail {

namespace {

/// PostgreSQL's MAXDIM.
constexpr int max_dimensions = 6;

bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool needs_quotes(std::string_view text)
{
    return text.empty() || iequals(text, "null") || std::ranges::any_of(text, [](char c) {
               return is_blank(c) || c == '{' || c == '}' || c == ',' || c == '"' || c == '\\';
           });
}

class ArrayParser {
public:
    explicit ArrayParser(std::string_view text) : rest_(text) {}

    std::optional<array_item> parse()
    {
        // [0:2]={1,2,3}: bounds other than 1, which C++ has no place for.
        if (rest_.starts_with('[')) {
            const auto equals = rest_.find('=');
            if (equals == std::string_view::npos)
                return std::nullopt;
            rest_.remove_prefix(equals + 1);
        }
        auto array = parse_array(1);
        return array && rest_.empty() ? std::move(array) : std::nullopt;
    }

private:
    bool skip(char c)
    {
        if (!rest_.starts_with(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<array_item> parse_array(int depth)
    {
        if (depth > max_dimensions || !skip('{'))
            return std::nullopt;
        array_item array{.is_array = true};
        if (skip('}'))
            return array;
        do {
            auto item = rest_.starts_with('{')   ? parse_array(depth + 1)
                        : rest_.starts_with('"') ? parse_quoted()
                                                 : parse_plain();
            if (!item)
                return std::nullopt;
            array.items.push_back(*std::move(item));
        } while (skip(','));
        return skip('}') ? std::optional(std::move(array)) : std::nullopt;
    }

    std::optional<array_item> parse_quoted()
    {
        skip('"');
        std::string text;
        while (!rest_.empty() && !rest_.starts_with('"')) {
            skip('\\');
            if (rest_.empty())
                return std::nullopt;
            text += rest_.front();
            rest_.remove_prefix(1);
        }
        return skip('"') ? std::optional(array_item{.text = std::move(text)}) : std::nullopt;
    }

    std::optional<array_item> parse_plain()
    {
        const auto size = std::min(rest_.find_first_of(",}{\"\\"), rest_.size());
        const auto text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        if (text.empty())
            return std::nullopt;
        return text == "NULL" ? array_item{} : array_item{.text = std::string(text)};
    }

    std::string_view rest_;
};

} // namespace

void append_array_element(std::string& to, const parameter& element)
{
    if (!element) {
        to += "NULL";
    } else if (!needs_quotes(*element)) {
        to += *element;
    } else {
        to += '"';
        for (const char c : *element) {
            if (c == '"' || c == '\\')
                to += '\\';
            to += c;
        }
        to += '"';
    }
}

std::optional<array_item> parse_array(std::string_view text)
{
    return ArrayParser(text).parse();
}

} // namespace nimbus::sql::detail

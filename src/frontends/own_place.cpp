#include "frontends/own_place.h"

#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <utility>

namespace nimbus::frontends {
namespace {

constexpr std::array<std::string_view, 2> directory_words{"__dirname", "import.meta.dirname"};
constexpr std::string_view url_word = "import.meta.url";

bool is_identifier_part(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool is_word_at(std::string_view text, std::size_t at, std::string_view word)
{
    const auto end = at + word.size();
    return (at == 0 || (!is_identifier_part(text[at - 1]) && text[at - 1] != '.')) &&
           (end >= text.size() || !is_identifier_part(text[end]));
}

/// Where the whole words `word` are.
std::vector<std::size_t> places_of(std::string_view text, std::string_view word)
{
    std::vector<std::size_t> places;
    for (auto at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size()))
        if (is_word_at(text, at, word))
            places.push_back(at);
    return places;
}

std::string_view without_blanks(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// Takes a string without escapes and substitutions off the beginning.
std::optional<std::string> take_literal(std::string_view& text)
{
    if (text.empty() || !std::string_view("'\"`").contains(text.front()))
        return {};
    const auto end = text.find(text.front(), 1);
    if (end == std::string_view::npos)
        return {};
    const auto literal = text.substr(1, end - 1);
    if (literal.find_first_of("\\\n") != std::string_view::npos || literal.contains("${"))
        return {};
    text.remove_prefix(end + 1);
    return std::string(literal);
}

int line_of(std::string_view text, std::size_t at)
{
    return 1 + static_cast<int>(std::ranges::count(text.substr(0, at), '\n'));
}

/// The arguments after the first one of join or resolve.
std::optional<PlaceRead> read_by_arguments(std::string_view before, std::string_view after)
{
    before = trim(before);
    if (!before.ends_with("join(") && !before.ends_with("resolve("))
        return {};
    PlaceRead read;
    for (;;) {
        after = without_blanks(after);
        if (after.starts_with(')'))
            return read;
        if (!after.starts_with(','))
            return {};
        after = without_blanks(after.substr(1));
        const auto part = take_literal(after);
        if (!part) {
            read.is_whole = after.starts_with(')'); // a comma before it
            return read;
        }
        read.path += (read.path.empty() ? "" : "/") + *part;
    }
}

/// What is added to it: __dirname + "/x", and `${__dirname}/x`.
std::optional<PlaceRead> read_by_addition(std::string_view before, std::string_view after)
{
    if (before.ends_with("`${") && after.starts_with('}')) {
        after.remove_prefix(1);
        const auto end = after.find_first_of("`$");
        if (end == std::string_view::npos || !after.starts_with('/'))
            return {};
        return PlaceRead{std::string(after.substr(1, end - 1)), 0, after[end] == '`'};
    }
    after = without_blanks(after);
    if (!after.starts_with('+'))
        return {};
    after = without_blanks(after.substr(1));
    const auto part = take_literal(after);
    if (!part || !part->starts_with('/'))
        return {};
    return PlaceRead{part->substr(1), 0, !without_blanks(after).starts_with('+')};
}

/// new URL("./x", import.meta.url)
std::optional<PlaceRead> read_by_url(std::string_view before)
{
    before = trim(before);
    if (!before.ends_with(','))
        return {};
    const auto call = before.rfind("new URL(");
    if (call == std::string_view::npos)
        return {};
    auto argument = without_blanks(before.substr(call + std::string_view("new URL(").size()));
    const auto path = take_literal(argument);
    if (!path || trim(argument) != "," || path->empty() || path->contains(':') ||
        path->starts_with('/'))
        return {};
    return PlaceRead{*path, 0, true};
}

bool declares(std::string_view text, std::string_view name)
{
    return std::ranges::any_of(places_of(text, name), [&](std::size_t at) {
        const auto before = trim(text.substr(0, at));
        return before.ends_with("const") || before.ends_with("let") || before.ends_with("var");
    });
}

std::string in_json(std::string_view text)
{
    std::string result;
    append_json_string(result, text);
    return result;
}

/// Where statements may begin: after a line for the shell, and a directive.
std::size_t first_statement(std::string_view text)
{
    std::size_t at = text.starts_with("#!") ? text.find('\n') : 0;
    if (at == std::string_view::npos)
        return text.size();
    const auto code = without_blanks(text.substr(at));
    for (const std::string_view directive : {"'use strict';", "\"use strict\";"})
        if (code.starts_with(directive))
            return static_cast<std::size_t>(code.data() - text.data()) + directive.size();
    return at + (text.starts_with("#!") ? 1 : 0);
}

std::string replaced(std::string text, std::string_view word, const std::string& by)
{
    const auto places = places_of(text, word);
    for (auto at = places.rbegin(); at != places.rend(); ++at)
        text.replace(*at, word.size(), by);
    return text;
}

} // namespace

std::vector<PlaceRead> place_reads(std::string_view text)
{
    std::vector<PlaceRead> reads;
    const auto add = [&](std::optional<PlaceRead> read, std::size_t at) {
        if (!read)
            return;
        read->line = line_of(text, at);
        reads.push_back(std::move(*read));
    };
    for (const auto word : directory_words)
        for (const auto at : places_of(text, word)) {
            const auto before = text.substr(0, at);
            const auto after = text.substr(at + word.size());
            auto read = read_by_arguments(before, after);
            add(read ? std::move(read) : read_by_addition(before, after), at);
        }
    for (const auto at : places_of(text, url_word))
        add(read_by_url(text.substr(0, at)), at);
    return reads;
}

bool asks_its_place(std::string_view text)
{
    return std::ranges::any_of(std::array<std::string_view, 5>{"__dirname", "__filename", url_word,
                                                               "import.meta.dirname",
                                                               "import.meta.filename"},
                               [&](auto word) { return text.contains(word); });
}

std::string with_own_place(std::string_view text, const std::string& path)
{
    const auto directory =
        "nimbus_module.file(" + in_json(std::filesystem::path(path).parent_path().string()) + ')';
    const auto file = "nimbus_module.file(" + in_json(path) + ')';
    std::string variables;
    using Variable = std::pair<std::string_view, std::string>;
    for (const auto& [name, value] :
         {Variable{"__dirname", directory}, Variable{"__filename", file}})
        if (!places_of(text, name).empty() && !declares(text, name))
            variables += "var " + std::string(name) + '=' + value + ';';
    std::string result(text);
    result.insert(first_statement(result), variables);
    result = replaced(std::move(result), url_word, "nimbus_module.at(" + in_json(path) + ')');
    result = replaced(std::move(result), "import.meta.dirname", directory);
    return replaced(std::move(result), "import.meta.filename", file);
}

} // namespace nimbus::frontends

#include "frontends/own_place.h"

#include "base/text.h"
#include "frontends/authors_files.h"
#include "frontends/node_packages.h"
#include "frontends/package_loader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace nimbus::frontends {
namespace {

constexpr std::array<std::string_view, 2> directory_words{"__dirname", "import.meta.dirname"};
constexpr std::string_view url_word = "import.meta.url";
constexpr std::string_view place_name = "nimbus_own_place";

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
    return std::ranges::any_of(
        std::array<std::string_view, 3>{"__dirname", "__filename", "import.meta"},
        [&](auto word) { return text.contains(word); });
}

std::string with_own_place(std::string_view text, const std::string& path)
{
    return std::string(text) + "\nfunction*" + std::string(place_name) + "(){yield" +
           script_literal(path) + "}\n";
}

std::optional<std::string> path_in_archive(const std::filesystem::path& module,
                                           const std::filesystem::path& project)
{
    if (is_below(module, project))
        return module.lexically_relative(project).string();
    if (!package_of(module))
        return {};
    std::filesystem::path path;
    for (auto part = std::ranges::find(module, std::filesystem::path("node_modules"));
         part != module.end(); ++part)
        path /= *part;
    return path.string();
}

std::vector<std::string> place_definitions()
{
    std::vector<std::string> definitions;
    using Definition = std::pair<std::string_view, std::string_view>;
    for (const auto& [word, member] :
         {Definition{"__dirname", "nimbus_directory"}, Definition{"__filename", "nimbus_file"},
          Definition{"import.meta", "nimbus_meta"}})
        definitions.push_back("--define:" + std::string(word) + '=' + std::string(place_name) +
                              '.' + std::string(member));
    return definitions;
}

std::string place_declaration(std::string_view file)
{
    constexpr std::string_view before =
        "const nimbus_own_place=(bundle=>{"
        "const{dirname,join}=require('path'),"
        // Found out once, when it is asked for.
        "once=(name,make)=>({configurable:true,get(){const value=make(this);"
        "Object.defineProperty(this,name,{value});return value}}),"
        "url=path=>require('url').pathToFileURL(path).href,"
        "meta=filename=>({dirname:dirname(filename),filename,url:url(filename),resolve(name){"
        "if(/^(\\.{0,2}\\/|[a-z]+:)/.test(name))return new URL(name,url(filename)).href;"
        "const found=require('module').createRequire(filename).resolve(name);"
        "return found[0]==='/'?url(found):'node:'+found}}),"
        "places=(to,file)=>Object.defineProperties(to,{"
        "nimbus_file:once('nimbus_file',file),"
        "nimbus_directory:once('nimbus_directory',of=>dirname(of.nimbus_file)),"
        "nimbus_meta:once('nimbus_meta',of=>meta(of.nimbus_file))});"
        "places(Object.getPrototypeOf(function*(){}),of=>join(dirname(bundle),of().next().value));"
        "return places({},()=>bundle)})(";
    return std::string(before) + std::string(file) + ");";
}

} // namespace nimbus::frontends

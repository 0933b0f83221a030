#include "frontends/own_place.h"

#include "base/encoding.h"
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
    return PlaceRead{percent_decode(path->substr(0, path->find_first_of("?#"))), 0, true};
}

/// Takes "path.dirname(" and the like, calls of one function, off the end.
bool take_call_of(std::string_view& before, std::string_view function)
{
    auto rest = trim(before);
    if (!rest.ends_with('('))
        return false;
    rest = trim(rest.substr(0, rest.size() - 1));
    if (!rest.ends_with(function))
        return false;
    rest.remove_suffix(function.size());
    if (rest.ends_with('.')) {
        rest.remove_suffix(1);
        while (!rest.empty() && is_identifier_part(rest.back()))
            rest.remove_suffix(1);
    } else if (!rest.empty() && is_identifier_part(rest.back())) {
        return false;
    }
    before = rest;
    return true;
}

bool take_closing(std::string_view& after)
{
    after = without_blanks(after);
    if (!after.starts_with(')'))
        return false;
    after.remove_prefix(1);
    return true;
}

/// The variable whose declaration ends with "=", as in "const here =" and "const here: string =".
std::string declared_name(std::string_view before)
{
    before = trim(before);
    if (!before.ends_with('='))
        return {};
    before = trim(before.substr(0, before.size() - 1));
    for (const std::string_view type : {"string", "NodeRequire", "NodeJS.Require"})
        if (before.ends_with(type) &&
            trim(before.substr(0, before.size() - type.size())).ends_with(':')) {
            before = trim(before.substr(0, before.size() - type.size()));
            before = trim(before.substr(0, before.size() - 1));
            break;
        }
    auto begin = before.size();
    while (begin > 0 && is_identifier_part(before[begin - 1]))
        --begin;
    const auto keyword = trim(before.substr(0, begin));
    if (!keyword.ends_with("const") && !keyword.ends_with("let") && !keyword.ends_with("var"))
        return {};
    return std::string(before.substr(begin));
}

bool ends_statement(std::string_view after)
{
    const auto end = after.find_first_not_of(" \t\r");
    return end == std::string_view::npos || after[end] == ';' || after[end] == '\n' ||
           after[end] == ',';
}

/// Variables that are the directory of the source.
std::vector<std::string> directory_variables(std::string_view text)
{
    std::vector<std::string> names;
    const auto look = [&](std::string_view word, bool is_directory) {
        for (const auto at : places_of(text, word)) {
            auto before = text.substr(0, at);
            auto after = text.substr(at + word.size());
            bool is_closed = true;
            if (word == url_word)
                is_closed = take_call_of(before, "fileURLToPath") && take_closing(after);
            if (is_closed && !is_directory)
                is_closed = take_call_of(before, "dirname") && take_closing(after);
            const auto name = is_closed && ends_statement(after) ? declared_name(before) : "";
            if (!name.empty() && name != "__dirname")
                names.push_back(name);
        }
    };
    for (const auto word : directory_words)
        look(word, true);
    for (const std::string_view word : {"__filename", "import.meta.filename"})
        look(word, false);
    look(url_word, false);
    return names;
}

struct RequiredName {
    std::string name;
    std::size_t at;
};

/// What is loaded by functions that createRequire made for the source's own place.
std::vector<RequiredName> required_from_place(std::string_view text)
{
    std::vector<RequiredName> required;
    const auto take_argument = [&](std::string_view after, std::size_t at) {
        after = without_blanks(after);
        if (after.starts_with(".resolve"))
            after = without_blanks(after.substr(std::string_view(".resolve").size()));
        if (!after.starts_with('('))
            return;
        after = without_blanks(after.substr(1));
        if (auto name = take_literal(after); name && without_blanks(after).starts_with(')'))
            required.push_back({std::move(*name), at});
    };
    for (const auto word : {url_word, std::string_view("__filename")})
        for (const auto at : places_of(text, word)) {
            auto before = text.substr(0, at);
            auto after = text.substr(at + word.size());
            if (!take_call_of(before, "createRequire") || !take_closing(after))
                continue;
            take_argument(after, at);
            const auto name = declared_name(before);
            if (name.empty() || !ends_statement(after))
                continue;
            for (const auto use : places_of(text, name))
                take_argument(text.substr(use + name.size()), use);
        }
    return required;
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
    const auto look = [&](std::string_view word) {
        for (const auto at : places_of(text, word)) {
            const auto before = text.substr(0, at);
            const auto after = text.substr(at + word.size());
            auto read = read_by_arguments(before, after);
            add(read ? std::move(read) : read_by_addition(before, after), at);
        }
    };
    std::ranges::for_each(directory_words, look);
    std::ranges::for_each(directory_variables(text), look);
    for (const auto at : places_of(text, url_word))
        add(read_by_url(text.substr(0, at)), at);
    for (const auto& [name, at] : required_from_place(text))
        if (name.starts_with('.'))
            add(PlaceRead{name, 0, true}, at);
    return reads;
}

std::vector<std::string> packages_required_from_place(std::string_view text)
{
    std::vector<std::string> names;
    for (const auto& [name, at] : required_from_place(text))
        if (auto package = package_in(name); !package.empty())
            names.push_back(std::move(package));
    return names;
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

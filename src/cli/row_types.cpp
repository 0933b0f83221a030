#include "cli/row_types.h"

#include "base/json.h"
#include "base/text.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace nimbus::cli {
namespace {

using deploy::sql::Column;
using deploy::sql::Relation;

constexpr std::string_view array_suffix = "[]";

constexpr std::string_view postgres_interval = "PostgresInterval";

/// What node-postgres makes of an interval (postgres-interval 1.2, which it brings).
constexpr std::string_view interval_interface = R"(
/** An interval, as node-postgres gives it. */
export interface PostgresInterval {
    years?: number;
    months?: number;
    days?: number;
    hours?: number;
    minutes?: number;
    seconds?: number;
    milliseconds?: number;
    toPostgres(): string;
    toISO(): string;
    toISOString(): string;
}
)";

struct TypeNames {
    std::string_view sql, cpp, typescript;
};

/// Types of PostgreSQL as libnimbus reads them, and as node-postgres gives them. What is not here
/// is text in C++, and a string in TypeScript.
constexpr std::array known_types{
    TypeNames{"boolean", "bool", "boolean"},
    TypeNames{"smallint", "std::int16_t", "number"},
    TypeNames{"integer", "std::int32_t", "number"},
    TypeNames{"bigint", "std::int64_t", "string"},
    TypeNames{"real", "float", "number"},
    TypeNames{"double precision", "double", "number"},
    TypeNames{"numeric", "nimbus::decimal", "string"},
    TypeNames{"uuid", "nimbus::uuid", "string"},
    TypeNames{"date", "nimbus::date", "Date"},
    TypeNames{"timestamp without time zone", "nimbus::timestamp", "Date"},
    TypeNames{"timestamp with time zone", "nimbus::timestamp", "Date"},
    TypeNames{"bytea", "std::vector<std::byte>", "Buffer"},
    TypeNames{"json", "nimbus::json::value", "unknown"},
    TypeNames{"jsonb", "nimbus::json::value", "unknown"},
    TypeNames{"interval", "nimbus::interval", postgres_interval},
    TypeNames{"numeric[]", "std::vector<nimbus::decimal>", "number[]"},
};

/// Words that no member of C++ can have for a name. Source: ISO C++20, [lex.key].
const std::set<std::string_view>& words_of_cpp()
{
    static const std::set<std::string_view> words{
        "alignas",       "alignof",     "and",
        "and_eq",        "asm",         "auto",
        "bitand",        "bitor",       "bool",
        "break",         "case",        "catch",
        "char",          "char8_t",     "char16_t",
        "char32_t",      "class",       "compl",
        "concept",       "const",       "consteval",
        "constexpr",     "constinit",   "const_cast",
        "continue",      "co_await",    "co_return",
        "co_yield",      "decltype",    "default",
        "delete",        "do",          "double",
        "dynamic_cast",  "else",        "enum",
        "explicit",      "export",      "extern",
        "false",         "float",       "for",
        "friend",        "goto",        "if",
        "inline",        "int",         "long",
        "mutable",       "namespace",   "new",
        "noexcept",      "not",         "not_eq",
        "nullptr",       "operator",    "or",
        "or_eq",         "private",     "protected",
        "public",        "register",    "reinterpret_cast",
        "requires",      "return",      "short",
        "signed",        "sizeof",      "static",
        "static_assert", "static_cast", "struct",
        "switch",        "template",    "this",
        "thread_local",  "throw",       "true",
        "try",           "typedef",     "typeid",
        "typename",      "union",       "unsigned",
        "using",         "virtual",     "void",
        "volatile",      "wchar_t",     "while",
        "xor",           "xor_eq"};
    return words;
}

/// Names that the preprocessor takes, whatever is included beside libnimbus: a member could be
/// declared at most, and not be used. Sources: ISO C++20; glibc 2.36 and GCC 12, as they define
/// them for <nimbus/nimbus.hpp>.
const std::set<std::string_view>& macros_of_cpp()
{
    static const std::set<std::string_view> macros{
        "assert",         "errno",  "i386",  "linux",    "math_errhandling",
        "sched_priority", "stderr", "stdin", "stdout",   "unix",
        "BUFSIZ",         "EOF",    "NAN",   "INFINITY", "NULL"};
    return macros;
}

/// Is it written as macros are? Which there are is known only where the file is included.
bool may_be_macro(std::string_view name)
{
    return name.size() > 1 &&
           std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_identifier(std::string_view name)
{
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    });
}

bool can_be_member(const Column& column, const std::string& row)
{
    return is_identifier(column.name) && column.name != row &&
           !words_of_cpp().contains(column.name) && !macros_of_cpp().contains(column.name);
}

std::string cpp_type_of(const Column& column)
{
    const auto type = type_for(column.type, Language::cpp);
    return column.is_nullable ? "std::optional<" + type + ">" : type;
}

/// In the singular: words that end in s are taken for plurals, as tables are called.
std::string singular(const std::string& word)
{
    const auto ends = [&](std::string_view end) { return word.ends_with(end); };
    const auto without = [&](std::size_t count) { return word.substr(0, word.size() - count); };
    if (ends("ies") && word.size() > 4)
        return without(3) + 'y';
    if (ends("sses") || ends("shes") || ends("ches") || ends("xes") || ends("zes"))
        return without(2);
    if (ends("s") && !ends("ss") && !ends("us") && !ends("is") && word.size() > 2)
        return without(1);
    return word;
}

std::string capitalized(std::string_view name)
{
    std::string result;
    bool begins = true;
    for (const char c : name) {
        if (c == '_' || !std::isalnum(static_cast<unsigned char>(c))) {
            begins = true;
            continue;
        }
        result += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begins = false;
    }
    const bool is_name =
        !result.empty() && std::isdigit(static_cast<unsigned char>(result[0])) == 0;
    return is_name ? result : "Row" + result;
}

/// Would a row of that name hide a type that members have, or be a macro?
bool is_taken(const std::string& name, Language language)
{
    if (language == Language::cpp)
        return macros_of_cpp().contains(name);
    return std::ranges::find(known_types, name, &TypeNames::typescript) != known_types.end();
}

/// Of each relation; two that would be one keep their plurals, or get a number.
std::vector<std::string> names_of_rows(const std::vector<Relation>& relations, Language language)
{
    std::map<std::string, int> count;
    for (const auto& relation : relations)
        ++count[name_of_row(relation.name)];
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const auto& relation : relations) {
        auto name = name_of_row(relation.name);
        if (count[name] > 1)
            name = capitalized(relation.name);
        if (is_taken(name, language))
            name += "Row";
        auto unique = name;
        for (int number = 2; !taken.insert(unique).second; ++number)
            unique = name + std::to_string(number);
        names.push_back(unique);
    }
    return names;
}

std::string quoted(const std::string& name)
{
    return json::serialize(json::value(name));
}

/// A name that is no word could end the comment.
std::string remark_on(const Relation& relation)
{
    return is_identifier(relation.name) ? "A row of " + relation.name + "." : "A row.";
}

std::string cpp_struct(const Relation& relation, const std::string& name)
{
    auto text = "/// " + remark_on(relation) + "\nstruct " + name + " {\n";
    std::vector<std::string> members;
    std::vector<std::string> macros;
    if (may_be_macro(name))
        macros.push_back(name);
    for (const auto& column : relation.columns) {
        if (!can_be_member(column, name)) {
            text += "    // " + quoted(column.name) + " cannot be the name of a member.\n";
            continue;
        }
        text += "    " + cpp_type_of(column) + ' ' + column.name + ";\n";
        members.push_back(column.name);
        if (may_be_macro(column.name))
            macros.push_back(column.name);
    }
    text += "};\nBOOST_DESCRIBE_STRUCT(" + name + ", (), (" + join(members, ", ") + "))\n";
    for (const auto& macro : macros)
        text = "#pragma push_macro(\"" + macro + "\")\n#undef " + macro + '\n' + text +
               "#pragma pop_macro(\"" + macro + "\")\n";
    return text;
}

bool has_interval(const Relation& relation)
{
    return std::ranges::any_of(relation.columns, [](const Column& column) {
        return type_for(column.type, Language::typescript).starts_with(postgres_interval);
    });
}

std::string typescript_interface(const Relation& relation, const std::string& name)
{
    auto text = "/** " + remark_on(relation) + " */\nexport interface " + name + " {\n";
    for (const auto& column : relation.columns) {
        const auto property = is_identifier(column.name) ? column.name : quoted(column.name);
        text += "    " + property + ": " + type_for(column.type, Language::typescript) +
                (column.is_nullable ? " | null" : "") + ";\n";
    }
    return text + "}\n";
}

} // namespace

std::string type_for(std::string_view sql, Language language)
{
    const auto* known = std::ranges::find(known_types, sql, &TypeNames::sql);
    if (known == known_types.end() && sql.ends_with(array_suffix)) {
        const auto element = type_for(sql.substr(0, sql.size() - array_suffix.size()), language);
        return language == Language::cpp ? "std::vector<" + element + ">" : element + "[]";
    }
    if (language == Language::cpp)
        return std::string(known == known_types.end() ? "std::string" : known->cpp);
    return std::string(known == known_types.end() ? "string" : known->typescript);
}

std::string name_of_row(const std::string& relation)
{
    const auto last = relation.rfind('_') + 1; // npos + 1 is 0
    return capitalized(relation.substr(0, last) + singular(relation.substr(last)));
}

std::string row_types(const std::vector<Relation>& relations, Language language)
{
    const auto names = names_of_rows(relations, language);
    std::string text = "// Made by 'nimbus types' from the migrations. Do not edit.\n";
    if (language == Language::cpp)
        text += "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n"
                "#include <nimbus/nimbus.hpp>\n#include <optional>\n#include <string>\n"
                "#include <vector>\n";
    else if (std::ranges::any_of(relations, has_interval))
        text += interval_interface;
    for (std::size_t index = 0; index < relations.size(); ++index)
        text += '\n' + (language == Language::cpp
                            ? cpp_struct(relations[index], names[index])
                            : typescript_interface(relations[index], names[index]));
    return text;
}

} // namespace nimbus::cli

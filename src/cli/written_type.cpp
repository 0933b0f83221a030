#include "cli/written_type.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

constexpr int longest_chain_of_aliases = 8;

std::string without_namespaces(std::string_view name)
{
    for (const std::string_view prefix : {"::", "std::", "nimbus::"})
        if (name.starts_with(prefix))
            return without_namespaces(name.substr(prefix.size()));
    return std::string(name);
}

std::string widened(const std::string& type)
{
    if (!type.empty() && std::string_view("'\"`").contains(type[0]))
        return "string";
    if (!type.empty() && type[0] >= '0' && type[0] <= '9')
        return "number";
    return type == "true" || type == "false" ? "boolean" : type;
}

} // namespace

std::vector<std::string> parts_of(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (std::string_view("<([{").contains(c))
            ++depth;
        else if (std::string_view(")]}").contains(c) ||
                 (c == '>' && (i == 0 || text[i - 1] != '=')))
            --depth;
        if (c == separator && depth == 0) {
            if (!part.empty())
                parts.push_back(std::move(part));
            part.clear();
        } else
            part += c;
    }
    if (!part.empty())
        parts.push_back(std::move(part));
    return parts;
}

WrittenType taken_apart(std::string_view type)
{
    if (type.starts_with("const "))
        type.remove_prefix(std::string_view("const ").size());
    const auto open = type.find('<');
    if (open == std::string_view::npos || !type.ends_with('>'))
        return {without_namespaces(type), {}};
    return {without_namespaces(type.substr(0, open)),
            parts_of(type.substr(open + 1, type.size() - open - 2), ',')};
}

std::string resolved(std::string type, const frontends::SourceTypes& types)
{
    for (int i = 0; i < longest_chain_of_aliases; ++i) {
        const auto alias = types.alias(type.substr(type.rfind(':') + 1)); // npos + 1 is 0
        if (!alias)
            break;
        type = *alias;
    }
    return type;
}

std::vector<std::string> alternatives_of(const std::string& type,
                                         const frontends::SourceTypes& types)
{
    std::vector<std::string> alternatives;
    for (const auto& part : parts_of(resolved(type, types), '|'))
        alternatives.push_back(widened(part));
    return alternatives;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::ranges::find(words, word) != words.end();
}

bool is_integer_of_cpp(std::string_view name)
{
    return is_one_of(name, {"int", "short", "long", "long long", "unsigned", "unsigned int",
                            "size_t", "unsigned long", "unsigned short", "int8_t", "int16_t",
                            "unsigned long long", "int32_t", "int64_t", "uint8_t", "uint16_t",
                            "uint32_t", "uint64_t", "ptrdiff_t"});
}

bool is_text(std::string_view parameter)
{
    return is_one_of(parameter, {"text", "character varying", "character", "name", "\"char\""});
}

bool is_number(std::string_view parameter)
{
    return is_one_of(
        parameter, {"smallint", "integer", "bigint", "numeric", "real", "double precision", "oid"});
}

bool is_json(std::string_view parameter)
{
    return is_one_of(parameter, {"json", "jsonb"});
}

} // namespace nimbus::cli

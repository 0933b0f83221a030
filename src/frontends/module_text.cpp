#include "frontends/module_text.h"

#include "base/text.h"
#include "frontends/own_place.h"

#include <cctype>

namespace nimbus::frontends {
namespace {

bool is_identifier_part(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Is what begins an argument no string that a bundler could follow? Of a template that begins with
/// a path it follows all files that may be meant.
bool is_computed(std::string_view argument)
{
    if (argument.starts_with("`"))
        return argument.starts_with("`${");
    return !argument.empty() && is_identifier_part(argument.front()) &&
           std::isdigit(static_cast<unsigned char>(argument.front())) == 0;
}

bool has_computed_load(std::string_view line)
{
    for (const std::string_view call : {"require(", "import("})
        for (auto at = line.find(call); at != std::string_view::npos; at = line.find(call, at + 1))
            if ((at == 0 || (!is_identifier_part(line[at - 1]) && line[at - 1] != '.')) &&
                is_computed(trim(line.substr(at + call.size()))))
                return true;
    return false;
}

/// Is it a path beside the module that is completed by something computed?
bool ends_computed(std::string_view argument)
{
    argument = argument.substr(0, argument.find(')'));
    argument = trim(argument);
    if (argument.size() < 4 || !std::string_view("'\"`").contains(argument.front()) ||
        (!argument.substr(1).starts_with("./") && !argument.substr(1).starts_with("../")))
        return false;
    if (argument.front() == '`')
        return argument.ends_with("}`");
    return argument.contains('+') &&
           (is_identifier_part(argument.back()) || argument.back() == ']');
}

bool has_load_without_extension(std::string_view line)
{
    constexpr std::string_view call = "require(";
    for (auto at = line.find(call); at != std::string_view::npos; at = line.find(call, at + 1))
        if ((at == 0 || (!is_identifier_part(line[at - 1]) && line[at - 1] != '.')) &&
            ends_computed(line.substr(at + call.size())))
            return true;
    return false;
}

bool is_comment(std::string_view line)
{
    const auto text = trim(line);
    return text.starts_with('*') || text.starts_with("//") || text.starts_with("/*");
}

} // namespace

ModuleTraits traits_of(std::string_view text)
{
    ModuleTraits traits;
    traits.asks_its_place = asks_its_place(text);
    traits.starts_workers = (text.contains("worker_threads") && text.contains("new Worker(")) ||
                            (text.contains("child_process") && text.contains("fork("));
    int number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (is_comment(line))
            continue;
        if (traits.computed_load == 0 && has_computed_load(line))
            traits.computed_load = number;
        if (traits.load_without_extension == 0 && has_load_without_extension(line))
            traits.load_without_extension = number;
    }
    return traits;
}

} // namespace nimbus::frontends

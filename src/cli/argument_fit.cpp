#include "cli/argument_fit.h"

#include "cli/written_type.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

bool is_array(std::string_view parameter)
{
    return parameter.ends_with("[]");
}

bool is_time(std::string_view parameter)
{
    return parameter == "date" || parameter.starts_with("timestamp") ||
           parameter.starts_with("time ");
}

/// Kinds of values by what the text may be that stands for one (PostgreSQL 16, chapter 8: the input
/// of each type).
bool number_never_fits(std::string_view parameter)
{
    return parameter == "uuid" || parameter == "boolean" || is_time(parameter) ||
           is_array(parameter);
}

bool boolean_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "uuid" || parameter == "interval" ||
           is_time(parameter) || is_array(parameter);
}

bool word_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "uuid" || is_array(parameter);
}

bool uuid_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "boolean" || parameter == "interval" ||
           is_json(parameter) || is_time(parameter) || is_array(parameter);
}

bool time_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "boolean" || parameter == "uuid" ||
           is_json(parameter) || is_array(parameter);
}

bool object_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "boolean" || parameter == "uuid" ||
           is_time(parameter) || is_array(parameter);
}

bool list_never_fits(std::string_view parameter)
{
    return is_number(parameter) || parameter == "boolean" || parameter == "uuid" ||
           is_json(parameter) || is_time(parameter);
}

bool never_fits_in_cpp(std::string_view type, std::string_view parameter,
                       const frontends::SourceTypes& types, const frontends::SourceFile& file)
{
    const auto applied = taken_apart(resolved(std::string(type), types));
    const auto& name = applied.name;
    if (name == "optional" && applied.arguments.size() == 1)
        return never_fits_in_cpp(applied.arguments[0], parameter, types, file);
    if (name == "bool")
        return boolean_never_fits(parameter);
    if (is_integer_of_cpp(name) || is_one_of(name, {"float", "double", "decimal"}))
        return number_never_fits(parameter) && !(parameter == "boolean" && is_integer_of_cpp(name));
    if (name == "uuid")
        return uuid_never_fits(parameter);
    if (name == "timestamp" || name == "date")
        return time_never_fits(parameter);
    if (name == "vector" && applied.arguments.size() == 1) {
        const auto& element = applied.arguments[0];
        if (element == "std::byte" || types.find(element, file))
            return false;
        return is_array(parameter)
                   ? never_fits_in_cpp(element, parameter.substr(0, parameter.size() - 2), types,
                                       file)
                   : list_never_fits(parameter);
    }
    if (types.is_enumeration(name))
        return word_never_fits(parameter);
    return types.find(name, file) && object_never_fits(parameter);
}

bool never_fits_in_script(const std::string& type, std::string_view parameter,
                          const frontends::SourceTypes& types)
{
    if (type.ends_with("[]")) {
        const auto element = type.substr(0, type.size() - 2);
        if (is_array(parameter))
            return never_fits_in_script(element, parameter.substr(0, parameter.size() - 2), types);
        return is_one_of(element, {"string", "number", "boolean"}) && list_never_fits(parameter);
    }
    if (type == "number" || type == "bigint")
        return number_never_fits(parameter) && parameter != "boolean";
    if (type == "boolean")
        return boolean_never_fits(parameter);
    return type == "Date" && time_never_fits(parameter) && !is_json(parameter);
}

} // namespace

bool never_fits(std::string_view type, std::string_view parameter,
                const frontends::SourceTypes& types, const frontends::SourceFile& file)
{
    if (type.empty())
        return false;
    if (file.is_cpp())
        return never_fits_in_cpp(type, parameter, types, file);
    const auto alternatives = alternatives_of(std::string(type), types);
    return !alternatives.empty() && std::ranges::all_of(alternatives, [&](const std::string& each) {
        return never_fits_in_script(each, parameter, types);
    });
}

} // namespace nimbus::cli

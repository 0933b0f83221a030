#include "base/described.h"

#include "base/text.h"

namespace nimbus::described {

std::string camel_case(std::string_view snake_case)
{
    std::string name;
    bool starts_word = false;
    for (const char c : snake_case) {
        if (c == '_') {
            starts_word = true;
            continue;
        }
        name += starts_word ? to_upper({&c, 1}).front() : c;
        starts_word = false;
    }
    return name;
}

std::string Path::text() const
{
    return whole == nullptr ? std::string(name) : whole->text() + '.' + std::string(name);
}

namespace detail {

void throw_wrong_type(const Path& path, std::string_view wanted)
{
    throw Error(path.text() + " must be " + std::string(wanted));
}

std::string text_from(const json::value& value, const Path& path)
{
    const auto* text = value.if_string();
    if (text == nullptr)
        throw_wrong_type(path, "a string");
    return std::string(*text);
}

bool bool_from(const json::value& value, const Path& path)
{
    const auto* boolean = value.if_bool();
    if (boolean == nullptr)
        throw_wrong_type(path, "true or false");
    return *boolean;
}

std::int64_t integer_from(const json::value& value, const Path& path)
{
    const auto* number = value.if_int64();
    if (number == nullptr)
        throw_wrong_type(path, "a whole number");
    return *number;
}

const json::object& object_from(const json::value& value, const Path& path)
{
    const auto* object = value.if_object();
    if (object == nullptr)
        throw_wrong_type(path, "an object");
    return *object;
}

const json::array& array_from(const json::value& value, const Path& path)
{
    const auto* array = value.if_array();
    if (array == nullptr)
        throw_wrong_type(path, "an array");
    return *array;
}

} // namespace detail
} // namespace nimbus::described

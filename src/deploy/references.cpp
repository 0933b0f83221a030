#include "deploy/references.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

constexpr char frame = '\x1f';

bool has_placeholder(std::string_view text)
{
    return text.find(frame) != std::string_view::npos;
}

std::string resolve_text(std::string_view text, const OutputLookup& lookup)
{
    std::string result;
    while (!text.empty()) {
        const auto begin = text.find(frame);
        const auto middle = begin == std::string_view::npos ? begin : text.find(frame, begin + 1);
        const auto end = middle == std::string_view::npos ? middle : text.find(frame, middle + 1);
        if (end == std::string_view::npos)
            break;
        result += text.substr(0, begin);
        const auto* value = lookup(text.substr(begin + 1, middle - begin - 1),
                                   text.substr(middle + 1, end - middle - 1));
        if (value != nullptr && value->is_string())
            result += value->as_string();
        else
            result += text.substr(begin, end - begin + 1);
        text.remove_prefix(end + 1);
    }
    return result += text;
}

} // namespace

std::string output_of(std::string_view resource_key, std::string_view output)
{
    std::string text(1, frame);
    text += resource_key;
    text += frame;
    text += output;
    return text += frame;
}

json::object resolve(const json::object& object, const OutputLookup& lookup,
                     const json::storage_ptr& storage)
{
    json::object result(object.size(), storage);
    for (const auto& [name, value] : object) {
        auto resolved = resolve(value, lookup, storage);
        if (has_placeholder(name))
            result[resolve_text(name, lookup)] = std::move(resolved);
        else
            result[name] = std::move(resolved);
    }
    return result;
}

json::value resolve(const json::value& value, const OutputLookup& lookup,
                    const json::storage_ptr& storage)
{
    if (const auto* text = value.if_string(); text != nullptr && has_placeholder(*text))
        return json::value(resolve_text(*text, lookup), storage);
    if (const auto* object = value.if_object())
        return resolve(*object, lookup, storage);
    if (const auto* array = value.if_array()) {
        json::array result(storage);
        result.reserve(array->size());
        for (const auto& element : *array)
            result.push_back(resolve(element, lookup, storage));
        return result;
    }
    return json::value(value, storage);
}

bool is_unresolved(const json::value& value)
{
    if (value.is_string())
        return has_placeholder(value.get_string());
    if (value.is_array())
        return std::ranges::any_of(value.get_array(), is_unresolved);
    if (value.is_object())
        return std::ranges::any_of(value.get_object(), [](const auto& member) {
            return has_placeholder(member.key()) || is_unresolved(member.value());
        });
    return false;
}

} // namespace nimbus::deploy

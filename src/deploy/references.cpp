#include "deploy/references.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

constexpr char frame = '\x1f';

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

json::object resolve(const json::object& object, const OutputLookup& lookup)
{
    json::object result;
    for (const auto& [name, value] : object)
        result[resolve_text(name, lookup)] = resolve(value, lookup);
    return result;
}

json::value resolve(const json::value& value, const OutputLookup& lookup)
{
    if (value.is_string())
        return json::value(resolve_text(value.get_string(), lookup));
    if (value.is_object())
        return resolve(value.get_object(), lookup);
    if (value.is_array()) {
        json::array result;
        for (const auto& element : value.get_array())
            result.push_back(resolve(element, lookup));
        return result;
    }
    return value;
}

bool is_unresolved(const json::value& value)
{
    if (value.is_string())
        return std::string_view(value.get_string()).find(frame) != std::string_view::npos;
    if (value.is_array())
        return std::ranges::any_of(value.get_array(), is_unresolved);
    if (value.is_object())
        return std::ranges::any_of(value.get_object(), [](const auto& member) {
            return std::string_view(member.key()).find(frame) != std::string_view::npos ||
                   is_unresolved(member.value());
        });
    return false;
}

} // namespace nimbus::deploy

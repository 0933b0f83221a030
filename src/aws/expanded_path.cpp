#include "aws/expanded_path.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace nimbus::aws {
namespace {

/// What a path begins with.
struct Reference {
    std::string_view name; ///< of a variable; empty: it is none
    std::size_t size = 1;  ///< all that names it
};

Reference leading_reference(std::string_view path)
{
    if (path.starts_with("${")) {
        const auto end = path.find('}');
        return end == std::string_view::npos ? Reference{}
                                             : Reference{path.substr(2, end - 2), end + 1};
    }
    if (!path.starts_with('$'))
        return {};
    const auto end = std::find_if_not(path.begin() + 1, path.end(), [](unsigned char character) {
        return std::isalnum(character) != 0 || character == '_';
    });
    const auto size = static_cast<std::size_t>(end - path.begin());
    return {path.substr(1, size - 1), size};
}

} // namespace

std::string expanded_path(std::string_view path, const Environment& environment)
{
    std::string expanded;
    while (!path.empty()) {
        const auto [name, size] = leading_reference(path);
        const auto value = name.empty() ? std::nullopt : environment(std::string(name));
        expanded += value ? std::string_view(*value) : path.substr(0, size);
        path.remove_prefix(size);
    }
    return expand_home(std::move(expanded), environment);
}

} // namespace nimbus::aws

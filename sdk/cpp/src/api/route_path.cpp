#include "api/route_path.h"

#include "base/encoding.h"
#include "base/text.h"
#include "routes/route_path.h"

#include <algorithm>

namespace nimbus::detail {
namespace {

using routes::default_path;
using routes::segments_of;
using Kind = routes::Segment::Kind;

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

std::string function_name(std::string_view method, std::string_view path)
{
    std::string name;
    for (const char c : std::string(method) + ' ' + std::string(path)) {
        if (is_alphanumeric(c))
            name += ascii_lower(c);
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    if (name.ends_with('-'))
        name.pop_back();
    return name;
}

std::optional<PathParameters> match_path(std::string_view route, std::string_view path)
{
    PathParameters parameters;
    if (route == default_path)
        return parameters;
    if (!path.starts_with('/') || !route.starts_with('/'))
        return std::nullopt;
    const auto wanted = segments_of(route);
    std::string_view rest = path.substr(1);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& [kind, text] = wanted[i];
        if (kind == Kind::greedy) {
            if (rest.empty())
                return std::nullopt;
            parameters.emplace_back(text, percent_decode(rest));
            return parameters;
        }
        const auto slash = rest.find('/');
        const bool last = i + 1 == wanted.size();
        if (last != (slash == std::string_view::npos))
            return std::nullopt;
        const auto segment = rest.substr(0, slash);
        rest = last ? std::string_view() : rest.substr(slash + 1);
        if (kind == Kind::literal) {
            if (segment != text)
                return std::nullopt;
        } else {
            if (segment.empty())
                return std::nullopt;
            parameters.emplace_back(text, percent_decode(segment));
        }
    }
    return parameters;
}

bool more_specific(std::string_view a_method, std::string_view a_path, std::string_view b_method,
                   std::string_view b_path)
{
    if ((a_path == default_path) != (b_path == default_path))
        return b_path == default_path;
    if (a_path != default_path) {
        const auto a = segments_of(a_path);
        const auto b = segments_of(b_path);
        const bool a_is_greedy = a.back().kind == Kind::greedy;
        if (a_is_greedy != (b.back().kind == Kind::greedy))
            return !a_is_greedy;
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (a[i].kind != b[i].kind)
                return a[i].kind < b[i].kind;
    }
    return a_method != "ANY" && b_method == "ANY";
}

} // namespace nimbus::detail

#include "route_path.h"

#include "base/encoding.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace nimbus {

namespace {

constexpr std::string_view default_path = "$default";
constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                  "DELETE", "HEAD", "OPTIONS", "ANY"};

enum class SegmentKind { literal, parameter, greedy };

struct Segment {
    SegmentKind kind;
    std::string_view text; ///< the literal, or the parameter's name
};

Segment classify(std::string_view segment)
{
    if (segment.size() < 2 || segment.front() != '{' || segment.back() != '}')
        return {SegmentKind::literal, segment};
    auto name = segment.substr(1, segment.size() - 2);
    if (!name.ends_with('+'))
        return {SegmentKind::parameter, name};
    name.remove_suffix(1);
    return {SegmentKind::greedy, name};
}

std::vector<Segment> segments_of(std::string_view path)
{
    std::vector<Segment> segments;
    for (const auto part : split(path.substr(1), '/'))
        segments.push_back(classify(part));
    return segments;
}

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

std::string parameter_mistake(std::string_view name)
{
    if (name.empty())
        return "a parameter needs a name: {id}";
    if (!std::ranges::all_of(
            name, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; }))
        return "the parameter name " + quoted(name) +
               " may hold letters, digits, '_', '-' and '.' only";
    return {};
}

std::string literal_mistake(std::string_view segment)
{
    if (segment.empty())
        return "there is an empty segment (// or a final /)";
    if (segment.find_first_of("{}") != std::string_view::npos)
        return "a parameter is a whole segment: " + quoted(segment) + " mixes it with text";
    for (const char c : segment)
        if (!is_alphanumeric(c) &&
            std::string_view("-._~!$&'()*+,;=:@%").find(c) == std::string_view::npos)
            return quoted(segment) + " holds a character that a URL's path cannot hold";
    return {};
}

} // namespace

std::string path_mistake(std::string_view path)
{
    if (path == default_path || path == "/")
        return {};
    if (!path.starts_with('/'))
        return "the path must begin with / (or be $default)";
    const auto segments = segments_of(path);
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto& [kind, text] = segments[i];
        if (auto mistake =
                kind == SegmentKind::literal ? literal_mistake(text) : parameter_mistake(text);
            !mistake.empty())
            return mistake;
        if (kind == SegmentKind::literal)
            continue;
        if (kind == SegmentKind::greedy && i + 1 != segments.size())
            return "{" + std::string(text) + "+} takes the rest of the path, so it must be last";
        if (std::ranges::find(names, text) != names.end())
            return "the parameter {" + std::string(text) + "} occurs twice";
        names.push_back(text);
    }
    return {};
}

std::string method_mistake(std::string_view method)
{
    if (std::ranges::find(methods, method) != methods.end())
        return {};
    const auto upper = to_upper(method);
    if (std::ranges::find(methods, upper) != methods.end())
        return "the method " + quoted(method) + " is written in capitals: " + upper;
    return quoted(method) +
           " is not a method; GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS and ANY are";
}

std::string path_shape(std::string_view path)
{
    if (!path.starts_with('/'))
        return std::string(path);
    std::string shape;
    for (const auto& [kind, text] : segments_of(path)) {
        shape += '/';
        switch (kind) {
        case SegmentKind::literal:
            shape += text;
            break;
        case SegmentKind::parameter:
            shape += "{}";
            break;
        case SegmentKind::greedy:
            shape += "{+}";
            break;
        }
    }
    return shape;
}

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
        if (kind == SegmentKind::greedy) {
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
        if (kind == SegmentKind::literal) {
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
        const bool a_is_greedy = a.back().kind == SegmentKind::greedy;
        if (a_is_greedy != (b.back().kind == SegmentKind::greedy))
            return !a_is_greedy;
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (a[i].kind != b[i].kind)
                return a[i].kind < b[i].kind;
    }
    return a_method != "ANY" && b_method == "ANY";
}

} // namespace nimbus

#include "routes/route_path.h"

#include "base/text.h"

#include <algorithm>

namespace nimbus::routes {
namespace {

constexpr std::size_t longest_path = 512;

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Segment classify(std::string_view segment)
{
    if (segment.size() < 2 || segment.front() != '{' || segment.back() != '}')
        return {Segment::Kind::literal, segment};
    auto name = segment.substr(1, segment.size() - 2);
    if (!name.ends_with('+'))
        return {Segment::Kind::parameter, name};
    name.remove_suffix(1);
    return {Segment::Kind::greedy, name};
}

bool is_parameter_name(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
    });
}

std::string parameter_mistake(std::string_view name)
{
    return is_parameter_name(name)
               ? ""
               : "must name its parameters with letters, digits, '_', '-' and '.' only: {id}";
}

/// ":id" of "user-:id", which looks like a parameter and is text; "" when there is none. What
/// follows a letter or digit is meant as text: /users:search.
std::string_view misplaced_parameter(std::string_view segment)
{
    for (std::size_t i = 0; i + 1 < segment.size(); ++i) {
        const bool is_within_word = i > 0 && is_alphanumeric(segment[i - 1]);
        if (segment[i] != ':' || is_within_word || !is_alphanumeric(segment[i + 1]))
            continue;
        const auto rest = segment.substr(i + 1);
        const auto end = std::ranges::find_if_not(rest, is_alphanumeric);
        return segment.substr(i, 1 + static_cast<std::size_t>(end - rest.begin()));
    }
    return {};
}

std::string literal_mistake(std::string_view segment)
{
    if (segment.empty())
        return "must have no empty segment: neither // nor a final /";
    if (segment.find_first_of("{}") != std::string_view::npos)
        return "must not have braces inside text: a parameter is a whole segment, such as /{id} or "
               "/{path+}";
    if (const auto misplaced = misplaced_parameter(segment); !misplaced.empty())
        return "must not have " + std::string(misplaced) +
               " inside text: a parameter is a whole segment, such as /:id or /{id}";
    const bool good = std::ranges::all_of(segment, [](char c) {
        return is_alphanumeric(c) || std::string_view("-._~!$&'()*+,;=:@%").contains(c);
    });
    return good ? "" : "must hold only characters that a URL's path can hold; others as %XX";
}

bool is_colon_parameter(std::string_view segment)
{
    if (!segment.starts_with(':'))
        return false;
    segment.remove_prefix(1);
    if (segment.ends_with('+'))
        segment.remove_suffix(1);
    return is_parameter_name(segment);
}

} // namespace

std::string normalized(std::string_view path)
{
    std::vector<std::string> segments;
    for (const auto segment : split(path, '/'))
        segments.push_back(is_colon_parameter(segment) ? "{" + std::string(segment.substr(1)) + "}"
                                                       : std::string(segment));
    return join(segments, "/");
}

std::vector<Segment> segments_of(std::string_view path)
{
    std::vector<Segment> segments;
    for (const auto part : split(path.substr(1), '/'))
        segments.push_back(classify(part));
    return segments;
}

std::string path_mistake(std::string_view path)
{
    if (path == default_path || path == "/")
        return {};
    if (!path.starts_with('/'))
        return "must begin with / (or be $default)";
    if (path.size() > longest_path)
        return "must have at most " + std::to_string(longest_path) + " characters";
    const auto segments = segments_of(path);
    std::vector<std::string_view> names;
    for (const auto& segment : segments) {
        const bool literal = segment.kind == Segment::Kind::literal;
        if (auto mistake =
                literal ? literal_mistake(segment.text) : parameter_mistake(segment.text);
            !mistake.empty())
            return mistake;
        if (literal)
            continue;
        if (segment.kind == Segment::Kind::greedy && &segment != &segments.back())
            return "must have {" + std::string(segment.text) +
                   "+} last, because it takes the rest of the path";
        if (std::ranges::find(names, segment.text) != names.end())
            return "must not have the parameter {" + std::string(segment.text) + "} twice";
        names.push_back(segment.text);
    }
    return {};
}

std::string path_shape(std::string_view path)
{
    if (!path.starts_with('/'))
        return std::string(path);
    std::string shape;
    for (const auto& [kind, text] : segments_of(path)) {
        shape += '/';
        if (kind == Segment::Kind::literal)
            shape += text;
        else
            shape += kind == Segment::Kind::parameter ? "{}" : "{+}";
    }
    return shape;
}

} // namespace nimbus::routes

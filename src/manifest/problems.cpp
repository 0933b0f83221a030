#include "manifest/problems.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::manifest {
namespace {

constexpr std::size_t most_listed = 20;

std::string line_of(const Problem& problem)
{
    return problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
}

std::string summary(const std::string& source, const std::vector<Problem>& problems)
{
    if (problems.size() == 1)
        return "What " + source + " declares is wrong in " + line_of(problems.front());
    std::string text =
        "What " + source + " declares is wrong in " + std::to_string(problems.size()) + " places:";
    for (std::size_t i = 0; i < std::min(problems.size(), most_listed); ++i)
        text += "\n  " + line_of(problems[i]);
    if (problems.size() > most_listed)
        text += "\n  and " + std::to_string(problems.size() - most_listed) + " more";
    return text;
}

} // namespace

ManifestError::ManifestError(const std::string& source, std::vector<Problem> problems)
    : UsageError(summary(source, problems),
                 "Nothing was changed: correct " + source + " and try again."),
      problems_(std::move(problems))
{
}

bool Problems::has(std::string_view path) const
{
    return std::ranges::any_of(found_, [&](const Problem& each) { return each.path == path; });
}

std::string member_path(std::string_view path, std::string_view name)
{
    const bool is_word = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '$';
    });
    if (!is_word)
        return std::string(path) + '[' + in_quotes(name) + ']';
    return path.empty() ? std::string(name) : std::string(path) + '.' + std::string(name);
}

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 60;
    if (text.size() <= longest)
        return json::serialize(json::string(text));
    auto head = text.substr(0, longest);
    while (!is_utf8(head))
        head.remove_suffix(1);
    return json::serialize(json::string(head)) + "…";
}

std::string suggestion(std::string_view text, const std::vector<std::string_view>& candidates)
{
    const auto meant = likely_meant(text, candidates);
    return meant ? "; did you mean " + in_quotes(*meant) + "?" : "";
}

} // namespace nimbus::manifest

#include "local/iam/variables.h"

#include "base/text.h"

namespace nimbus::local::iam {
namespace {

/// What `${inside}` stands for; empty where it has no value.
std::string value_of_variable(std::string_view inside, const Question& question)
{
    if (inside == "*" || inside == "?" || inside == "$")
        return std::string(inside);
    const auto comma = inside.find(',');
    auto value = value_of_key(question, trim(inside.substr(0, comma)));
    if (!value.empty() || comma == std::string_view::npos)
        return value;
    const auto given = trim(inside.substr(comma + 1));
    const bool is_quoted = given.size() >= 2 && given.starts_with('\'') && given.ends_with('\'');
    return is_quoted ? std::string(given.substr(1, given.size() - 2)) : std::string();
}

} // namespace

std::string value_of_key(const Question& question, std::string_view key)
{
    for (const auto& [name, value] : question.context)
        if (iequals(name, key))
            return value;
    if (iequals(key, "aws:userid"))
        return question.principal.user_id;
    if (iequals(key, "aws:username") && question.principal.kind == Principal::Kind::user)
        return question.principal.arn.substr(question.principal.arn.rfind('/') + 1);
    return {};
}

Pattern expand(std::string_view text, const Question& question)
{
    Pattern result;
    while (!text.empty()) {
        const auto begin = text.find("${");
        const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
        if (end == std::string_view::npos)
            break;
        result.add(text.substr(0, begin));
        const auto variable = text.substr(begin, end + 1 - begin);
        const auto value = value_of_variable(variable.substr(2, variable.size() - 3), question);
        result.add_value(value.empty() ? variable : std::string_view(value));
        text.remove_prefix(end + 1);
    }
    result.add(text);
    return result;
}

} // namespace nimbus::local::iam

#include "deploy/resource.h"

#include "base/text.h"
#include "deploy/references.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::deploy {
namespace {

bool is_list_of_texts(const json::value& value)
{
    return value.is_array() && std::ranges::all_of(value.get_array(), &json::value::is_string);
}

std::string shown(const json::value& value)
{
    if (is_unresolved(value))
        return "(known when deployed)";
    if (value.is_null() || value == json::value("") || value == json::value(json::array{}))
        return "none";
    if (is_list_of_texts(value)) {
        std::vector<std::string> texts;
        for (const auto& text : value.get_array())
            texts.emplace_back(text.get_string());
        return join(texts, ", ");
    }
    if (value.is_string())
        return std::string(value.get_string());
    return json::serialize(value);
}

void compare_members(const std::string& name, const json::object& wanted,
                     const json::object& observed, std::vector<std::string>& reasons)
{
    for (const auto& [key, value] : wanted) {
        const auto* present = observed.if_contains(key);
        const auto member = name + ' ' + (is_unresolved(json::value(key)) ? "" : std::string(key));
        if (present == nullptr)
            reasons.push_back(member + ": added");
        else if (*present != value)
            reasons.push_back(member + ": changed");
    }
    for (const auto& [key, value] : observed)
        if (!wanted.contains(key))
            reasons.push_back(name + ' ' + std::string(key) + ": removed");
}

} // namespace

std::vector<std::string> compare_inputs(const json::object& wanted, const json::object& observed)
{
    std::vector<std::string> reasons;
    for (const auto& [key, present] : observed) {
        const auto* value = wanted.if_contains(key);
        const std::string name = key;
        if (value == nullptr || *value == present)
            continue;
        if (value->is_object() && present.is_object())
            compare_members(name, value->get_object(), present.get_object(), reasons);
        else if ((value->is_object() || value->is_array() || present.is_array()) &&
                 !(is_list_of_texts(*value) && is_list_of_texts(present)))
            reasons.push_back(name + (present.is_null() ? ": missing" : ": changed"));
        else
            reasons.push_back(name + ": " + shown(present) + " -> " + shown(*value));
    }
    return reasons;
}

std::string key_of(std::string_view type, std::string_view name)
{
    return std::string(type) + ' ' + std::string(name);
}

std::pair<std::string_view, std::string_view> type_and_name(std::string_view key)
{
    const auto space = std::min(key.find(' '), key.size());
    return {key.substr(0, space), key.substr(std::min(space + 1, key.size()))};
}

std::vector<std::string> Node::needs() const
{
    auto keys = depends_on;
    keys.insert(keys.end(), works_with.begin(), works_with.end());
    return keys;
}

aws::Tags own_tags(const aws::Tags& tags)
{
    aws::Tags result;
    for (const auto name : {project_tag, stage_tag, resource_tag})
        if (const auto found = tags.find(std::string(name)); found != tags.end())
            result.insert(*found);
    return result;
}

bool has_tags(const aws::Tags& present, const aws::Tags& wanted)
{
    return std::ranges::all_of(wanted, [&](const auto& tag) {
        const auto found = present.find(tag.first);
        return found != present.end() && found->second == tag.second;
    });
}

namespace {

/// It has no such tag, or the tag's value is `ours`.
bool may_be_ours(const aws::Tags& tags, std::string_view name, const std::string& ours)
{
    const auto found = tags.find(std::string(name));
    return found == tags.end() || found->second == ours;
}

} // namespace

Known known_as(bool is_recorded, std::string_view recorded_id, std::string_view found_id)
{
    if (!is_recorded)
        return Known::nothing;
    if (recorded_id.empty())
        return Known::by_name;
    return recorded_id == found_id ? Known::by_id : Known::nothing;
}

void check_owner(const World& world, Known known, const aws::Tags& tags, const std::string& what)
{
    const auto& deployment = world.deployment();
    const bool is_anothers = !may_be_ours(tags, project_tag, deployment.project) ||
                             !may_be_ours(tags, stage_tag, deployment.stage);
    if (world.owns(tags) || (known == Known::by_id && !is_anothers))
        return;
    if (known == Known::by_name && !is_anothers)
        throw LostTags(what + " does not carry the tags " + std::string(project_tag) + '=' +
                           deployment.project + " and " + std::string(stage_tag) + '=' +
                           deployment.stage +
                           " any more: nothing proves that it is the one that Nimbus made",
                       "If it is, tag it with them again. If somebody made another one of that "
                       "name, delete or rename that one. Then run the command again.");
    const auto project = tags.find(std::string(project_tag));
    throw NotOurs(what + " already exists, and " +
                      (project == tags.end() ? "was not made by Nimbus"
                                             : "belongs to the project " + project->second),
                  "Delete or rename it, or give this project another name.");
}

} // namespace nimbus::deploy

#include "local/services/secretsmanager/filters.h"

#include "base/text.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

#include <algorithm>
#include <array>
#include <functional>

namespace nimbus::local::secretsmanager_api {
namespace {

constexpr std::size_t most_filters = 10;
constexpr std::array<std::string_view, 7> filter_keys{
    "description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"};

/// Is each word of `wanted` the beginning of a word of one of `texts`?
bool has_words(const std::string& wanted, const std::vector<std::string>& texts)
{
    std::vector<std::string> present;
    for (const auto& text : texts)
        std::ranges::move(words_of(text), std::back_inserter(present));
    const auto words = words_of(wanted);
    return !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
        return std::ranges::any_of(
            present, [&](const std::string& candidate) { return candidate.starts_with(word); });
    });
}

bool has_beginning(const std::string& wanted, const std::vector<std::string>& texts)
{
    return std::ranges::any_of(texts,
                               [&](const std::string& text) { return text.starts_with(wanted); });
}

/// The texts of the secret that a filter of that key compares.
std::vector<std::string> texts_of(const Secret& secret, std::string_view key)
{
    const auto all = key == "all";
    std::vector<std::string> texts;
    if (all || key == "name")
        texts.push_back(secret.name);
    if (all || key == "description")
        texts.push_back(secret.description);
    for (const auto& [tag, value] : secret.tags) {
        if (all || key == "tag-key")
            texts.push_back(tag);
        if (all || key == "tag-value")
            texts.push_back(value);
    }
    return texts;
}

Filter filter_from_json(const json::value& item, std::size_t number)
{
    const auto* object = item.if_object();
    const auto key = object == nullptr ? std::nullopt : string_member(*object, "Key");
    if (!key)
        throw secrets_error("InvalidParameterException", "Invalid filter key");
    if (std::ranges::find(filter_keys, *key) == filter_keys.end())
        throw ServiceError(400, "ValidationException",
                           "1 validation error detected: Value '" + *key + "' at 'filters." +
                               std::to_string(number) +
                               ".member.key' failed to satisfy constraint: Member must satisfy "
                               "enum value set: [all, name, tag-key, description, tag-value, "
                               "primary-region, owning-service]");
    Filter filter{.key = *key, .values = {}};
    if (const auto* values = array_member(*object, "Values"))
        for (const auto& value : *values)
            if (value.is_string())
                filter.values.emplace_back(value.get_string());
    if (filter.values.empty())
        throw secrets_error("InvalidParameterException", "Invalid filter values for key: " + *key);
    return filter;
}

using Before = std::function<bool(const Secret&, const Secret&)>;

Before order_of(const Call& call)
{
    const auto input = input_of(call);
    const auto by = input.text("SortBy").value_or("created-date");
    if (by == "name")
        return [](const Secret& a, const Secret& b) { return a.name < b.name; };
    if (by == "created-date")
        return [](const Secret& a, const Secret& b) { return a.created < b.created; };
    if (by == "last-changed-date")
        return [](const Secret& a, const Secret& b) { return a.changed < b.changed; };
    if (by == "last-accessed-date")
        return [](const Secret& a, const Secret& b) { return a.accessed < b.accessed; };
    input.refuse("1 validation error detected: Value '" + by +
                 "' at 'sortBy' failed to satisfy constraint: Member must satisfy enum value set: "
                 "[created-date, last-accessed-date, last-changed-date, name]");
}

bool is_descending(const Call& call)
{
    const auto input = input_of(call);
    const auto order = input.text("SortOrder").value_or("asc");
    if (order != "asc" && order != "desc")
        input.refuse("1 validation error detected: Value '" + order +
                     "' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum "
                     "value set: [asc, desc]");
    return order == "desc";
}

} // namespace

std::vector<std::string> words_of(std::string_view text)
{
    constexpr std::string_view separators = " /-_+=.@";
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty())
            words.push_back(to_lower(std::exchange(word, {})));
    };
    auto was_lower = false;
    for (const auto c : text) {
        const auto is_upper = c >= 'A' && c <= 'Z';
        const auto separates = separators.find(c) != std::string_view::npos;
        if (separates || (is_upper && was_lower))
            finish();
        if (!separates)
            word += c;
        was_lower = !is_upper && !separates;
    }
    finish();
    return words;
}

bool Filter::matches(const Secret& secret) const
{
    const auto texts = texts_of(secret, key);
    const auto by_words = key == "all" || key == "description";
    return std::ranges::any_of(values, [&](const std::string& value) {
        const auto is_negated = value.starts_with('!');
        const auto wanted = is_negated ? value.substr(1) : value;
        return (by_words ? has_words(wanted, texts) : has_beginning(wanted, texts)) != is_negated;
    });
}

std::vector<Filter> filters_of(const Call& call)
{
    std::vector<Filter> filters;
    if (const auto* list = input_of(call).array("Filters"))
        for (const auto& item : *list)
            filters.push_back(filter_from_json(item, filters.size() + 1));
    if (filters.size() > most_filters)
        input_of(call).refuse("1 validation error detected: Value at 'filters' failed to satisfy "
                              "constraint: Member must have length less than or equal to " +
                              std::to_string(most_filters));
    return filters;
}

std::vector<Secret> matching_secrets(SecretStore& store, const Call& call)
{
    const auto filters = filters_of(call);
    const auto before = order_of(call);
    const auto is_reversed = is_descending(call);
    const auto with_deleted = input_of(call).boolean("IncludePlannedDeletion").value_or(false);
    auto secrets = store.list(call.region);
    std::erase_if(secrets, [&](const Secret& secret) {
        return (secret.deletion_date && !with_deleted) ||
               !std::ranges::all_of(filters,
                                    [&](const Filter& filter) { return filter.matches(secret); });
    });
    std::ranges::stable_sort(secrets, before);
    if (is_reversed)
        std::ranges::reverse(secrets);
    return secrets;
}

} // namespace nimbus::local::secretsmanager_api

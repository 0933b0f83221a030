#pragma once

#include "base/described.h"
#include "deploy/references.h"
#include "deploy/resource.h"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

/// How the home of a type of resource writes it: a struct with its name, described structs for what
/// it looks like (Inputs) and what is known of it (Outputs), and static functions on these. This
/// file turns them into a ResourceType: the one place where they become JSON and back.
///
/// Settings, where a type has them: what no program declares, but somebody may change in AWS. A new
/// one holds what Nimbus leaves them at; a difference is shown and put right as one of the inputs.
///
/// Inputs: a std::optional that is absent in what was read is something that AWS does not tell, and
/// is not compared. Outputs: an empty string or absent optional is not known (yet), and what is
/// recorded stays.
namespace nimbus::deploy {

/// The parent of a type whose resources are part of nothing.
struct NoParent {
    struct Outputs {};
};

/// Those of a type that has none.
struct NoSettings {};
BOOST_DESCRIBE_STRUCT(NoSettings, (), ())

template <class Type>
concept HasSettings = requires { typename Type::Settings; };

namespace typed {

template <class Type>
struct SettingsOrNone {
    using type = NoSettings;
};
template <HasSettings Type>
struct SettingsOrNone<Type> {
    using type = typename Type::Settings;
};

} // namespace typed

template <class Type>
using SettingsOf = typename typed::SettingsOrNone<Type>::type;

template <class Type>
struct SubjectOf {
    std::string name;
    std::string nonce;
    bool is_recorded = false;
    typename Type::Outputs outputs;
    std::optional<typename Type::Parent::Outputs> parent; ///< absent while there is none
};

template <class Type>
struct ObservedOf {
    typename Type::Inputs inputs;
    typename Type::Outputs outputs;
    std::string condition = "active";
    std::string broken;
    bool is_deleted = false;
    SettingsOf<Type> settings = {};
};

template <class Type>
concept TypedResource =
    requires(World& world, Reads& reads, const SubjectOf<Type>& subject,
             const typename Type::Inputs& inputs, const typename Type::Outputs& outputs,
             const ObservedOf<Type>& observed) {
        { Type::name } -> std::convertible_to<std::string_view>;
        { Type::read(world, reads, subject) } -> std::same_as<std::optional<ObservedOf<Type>>>;
        { Type::create(world, subject, inputs) } -> std::same_as<typename Type::Outputs>;
        { Type::update(world, subject, inputs, observed) } -> std::same_as<typename Type::Outputs>;
        { Type::destroy(world, subject) } -> std::same_as<void>;
        { Type::id(outputs) } -> std::same_as<std::string>;
    };

/// Knows what its outputs will be like before it is made.
template <class Type>
concept HasExpected = requires(const Target& target, const typename Type::Outputs& identity) {
    { Type::expected(target, identity) } -> std::same_as<typename Type::Outputs>;
};

/// Is told more by AWS once it is there.
template <class Type>
concept HasLearn = requires(World& world, Reads& reads, const SubjectOf<Type>& subject) {
    { Type::learn(world, reads, subject) } -> std::same_as<typename Type::Outputs>;
};

/// Decides itself what differs.
template <class Type>
concept HasDifferences =
    requires(const typename Type::Inputs& wanted, const ObservedOf<Type>& observed) {
        { Type::differences(wanted, observed) } -> std::same_as<std::vector<std::string>>;
    };

namespace typed {

/// Without members that are not known.
template <described::Described T>
json::object known_members(const T& outputs)
{
    auto known = described::to_json(outputs);
    for (auto* member = known.begin(); member != known.end();) {
        const auto* text = member->value().if_string();
        member = text != nullptr && text->empty() ? known.stable_erase(member) : member + 1;
    }
    return known;
}

template <class Type>
typename Type::Inputs inputs_from(const json::object& inputs)
{
    return described::from_json<typename Type::Inputs>(inputs, Type::name);
}

/// From all that is known of a resource, the later over the earlier; null: nothing.
template <class Type>
typename Type::Outputs outputs_from(std::initializer_list<const json::object*> known)
{
    const auto path = "what the state knows of the " + std::string(Type::name);
    typename Type::Outputs outputs{};
    for (const auto* members : known)
        if (members != nullptr)
            described::read_over(*members, path, outputs);
    return outputs;
}

template <class Type>
typename Type::Outputs outputs_from(const json::object& outputs)
{
    return outputs_from<Type>({&outputs});
}

template <class Type>
SubjectOf<Type> subject_from(const Subject& subject)
{
    SubjectOf<Type> result{.name = subject.name,
                           .nonce = subject.nonce,
                           .is_recorded = subject.is_recorded,
                           .outputs = outputs_from<Type>(subject.outputs),
                           .parent = {}};
    if constexpr (!std::same_as<typename Type::Parent, NoParent>)
        if (!subject.parent_outputs.empty())
            result.parent = outputs_from<typename Type::Parent>(subject.parent_outputs);
    return result;
}

template <class Type>
ObservedOf<Type> observed_from(const Observed& observed)
{
    return {.inputs = inputs_from<Type>(observed.inputs),
            .outputs = outputs_from<Type>(observed.outputs),
            .condition = observed.condition,
            .broken = observed.broken,
            .is_deleted = observed.is_deleted,
            .settings = described::from_json<SettingsOf<Type>>(observed.settings, Type::name)};
}

template <class Type>
std::optional<Observed> read(World& world, Reads& reads, const Subject& subject)
{
    auto found = Type::read(world, reads, subject_from<Type>(subject));
    if (!found)
        return {};
    return Observed{.inputs = described::to_json(found->inputs),
                    .outputs = known_members(found->outputs),
                    .condition = std::move(found->condition),
                    .broken = std::move(found->broken),
                    .is_deleted = found->is_deleted,
                    .settings = described::to_json(found->settings)};
}

template <HasSettings Type>
std::vector<std::string> altered_settings(const Observed& observed)
{
    static const auto left_alone = described::to_json(typename Type::Settings{});
    return compare_inputs(left_alone, observed.settings);
}

template <class Type>
constexpr auto altered_settings_or_null() -> decltype(ResourceType::altered_settings)
{
    if constexpr (HasSettings<Type>)
        return altered_settings<Type>;
    else
        return nullptr;
}

template <class Type>
std::vector<std::string> differences(const json::object& wanted, const Observed& observed)
{
    std::vector<std::string> reasons;
    if constexpr (HasDifferences<Type>)
        reasons = Type::differences(inputs_from<Type>(wanted), observed_from<Type>(observed));
    else
        reasons = compare_inputs(wanted, observed.inputs);
    if constexpr (HasSettings<Type>)
        std::ranges::move(altered_settings<Type>(observed), std::back_inserter(reasons));
    return reasons;
}

template <class Type>
json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    return known_members(
        Type::create(world, subject_from<Type>(subject), inputs_from<Type>(inputs)));
}

template <class Type>
json::object update(World& world, const Subject& subject, const json::object& inputs,
                    const Observed& observed)
{
    return known_members(Type::update(world, subject_from<Type>(subject), inputs_from<Type>(inputs),
                                      observed_from<Type>(observed)));
}

template <class Type>
void destroy(World& world, const Subject& subject)
{
    Type::destroy(world, subject_from<Type>(subject));
}

template <HasLearn Type>
json::object learn(World& world, Reads& reads, const Subject& subject)
{
    return known_members(Type::learn(world, reads, subject_from<Type>(subject)));
}

template <class Type>
constexpr auto learn_or_null() -> decltype(ResourceType::learn)
{
    if constexpr (HasLearn<Type>)
        return learn<Type>;
    else
        return nullptr;
}

template <HasExpected Type>
json::object expected(const Target& target, const json::object& identity)
{
    return known_members(Type::expected(target, outputs_from<Type>(identity)));
}

template <class Type>
constexpr auto expected_or_null() -> decltype(ResourceType::expected)
{
    if constexpr (HasExpected<Type>)
        return expected<Type>;
    else
        return nullptr;
}

template <class Type>
std::string id(const json::object& outputs)
{
    return Type::id(outputs_from<Type>(outputs));
}

template <class Type>
constexpr Leaving leaving()
{
    if constexpr (requires { Type::leaving; })
        return Type::leaving;
    else
        return Leaving::removes;
}

template <class Type>
constexpr std::string_view recovery()
{
    if constexpr (requires { Type::recovery; })
        return Type::recovery;
    else
        return {};
}

} // namespace typed

/// What a call has to say to put a setting right; nothing where it is.
template <class Value>
std::optional<Value> if_altered(const Value& present, const Value& wanted)
{
    return present == wanted ? std::nullopt : std::optional(wanted);
}

template <class Value>
std::vector<std::string> keys_of(const std::map<std::string, Value>& map)
{
    const auto keys = std::views::keys(map);
    return {keys.begin(), keys.end()};
}

template <TypedResource Type>
ResourceType resource_type()
{
    return {.name = Type::name,
            .leaving = typed::leaving<Type>(),
            .recovery = typed::recovery<Type>(),
            .read = typed::read<Type>,
            .differences = typed::differences<Type>,
            .altered_settings = typed::altered_settings_or_null<Type>(),
            .create = typed::create<Type>,
            .update = typed::update<Type>,
            .destroy = typed::destroy<Type>,
            .learn = typed::learn_or_null<Type>(),
            .expected = typed::expected_or_null<Type>(),
            .id = typed::id<Type>};
}

/// A resource of `Type` as the program wants it.
template <TypedResource Type>
struct NodeOf {
    std::string name;
    typename Type::Outputs identity;
    typename Type::Inputs inputs;
    std::vector<std::string> depends_on;
    std::vector<std::string> works_with;
    std::string parent;
    std::vector<std::string> notes;
    std::string creation_note;
    std::string update_note;

    std::string key() const { return key_of(Type::name, name); }
    /// Once.
    void depend_on(const std::string& key)
    {
        if (std::ranges::find(depends_on, key) == depends_on.end())
            depends_on.push_back(key);
    }
    Node node() &&
    {
        return {.type = std::string(Type::name),
                .name = std::move(name),
                .identity = typed::known_members(identity),
                .inputs = described::to_json(inputs),
                .depends_on = std::move(depends_on),
                .works_with = std::move(works_with),
                .parent = std::move(parent),
                .notes = std::move(notes),
                .creation_note = std::move(creation_note),
                .update_note = std::move(update_note)};
    }
};

template <TypedResource Type>
std::string key_of(std::string_view name)
{
    return key_of(Type::name, name);
}

/// A placeholder for an output of the resource of `Type` with that name, until it exists.
template <TypedResource Type>
std::string output_of(std::string_view name, std::string Type::Outputs::* member)
{
    return output_of(key_of<Type>(name), described::member_name(member));
}

} // namespace nimbus::deploy

#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus {

/// The name of something that the application declares: the name itself, or what app.sql or
/// app.secret returned.
class resource_name {
public:
    resource_name(const char* name) : text_(name) {}
    resource_name(std::string_view name) : text_(name) {}
    resource_name(std::string name) noexcept : text_(std::move(name)) {}
    template <class Resource>
        requires requires(const Resource& resource) {
            { resource.name() } -> std::convertible_to<std::string>;
        }
    resource_name(const Resource& resource) : text_(resource.name())
    {
    }

    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// The databases and secrets that a function may use: {"main-db"}, {db, signing_key}, {} for none,
/// std::nullopt for all.
class resource_names {
public:
    resource_names(std::nullopt_t) noexcept {}
    resource_names(std::initializer_list<resource_name> names) : texts_(texts_of(names)) {}
    /// Also {{"main-db", "signing-key"}}: the inner braces are a list, never one name made of two
    /// pointers, as they would be in a std::vector<std::string>.
    resource_names(const std::vector<resource_name>& names) : texts_(texts_of(names)) {}
    template <std::ranges::input_range Names>
        requires std::convertible_to<std::ranges::range_reference_t<Names>, resource_name>
    resource_names(Names&& names) : texts_(texts_of(names))
    {
    }

    /// Nothing for all.
    const std::optional<std::vector<std::string>>& texts() const noexcept { return texts_; }

    bool operator==(const resource_names&) const = default;

private:
    template <class Names>
    static std::vector<std::string> texts_of(Names&& names)
    {
        std::vector<std::string> texts;
        for (const auto& name : names)
            texts.push_back(resource_name(name).text());
        return texts;
    }

    std::optional<std::vector<std::string>> texts_;
};

} // namespace nimbus

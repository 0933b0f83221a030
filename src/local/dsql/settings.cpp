#include "local/dsql/settings.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace nimbus::local::dsql {
namespace {

constexpr std::array<std::string_view, 16> settable{
    "application_name",  "client_encoding",  "datestyle",        "extra_float_digits",
    "intervalstyle",     "timezone",         "search_path",      "role",
    "enable_bitmapscan", "enable_hashjoin",  "enable_indexscan", "enable_indexonlyscan",
    "enable_material",   "enable_mergejoin", "enable_nestloop",  "enable_seqscan"};
/// Letters and digits of the names, in lower case: PostgreSQL compares no others.
constexpr std::array<std::string_view, 3> utf8_encodings{"utf8", "unicode", "sqlascii"};
constexpr std::array<std::string_view, 2> ignored{"dsql.enable_batched_nestloop",
                                                  "disable_sync_create_index"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::ranges::any_of(names, [&](std::string_view known) { return iequals(known, name); });
}

/// The words of `options`, in which a backslash keeps the next character as it is.
std::vector<std::string> option_words(std::string_view options)
{
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    for (std::size_t i = 0; i < options.size(); ++i) {
        char c = options[i];
        if (std::string_view(" \t\n\r\f\v").contains(c)) {
            if (in_word)
                words.push_back(std::move(word));
            word.clear();
            in_word = false;
            continue;
        }
        if (c == '\\' && i + 1 < options.size())
            c = options[++i];
        word += c;
        in_word = true;
    }
    if (in_word)
        words.push_back(std::move(word));
    return words;
}

/// The settings among the words; a word that is none is refused with it.
std::expected<std::vector<std::pair<std::string, std::string>>, Refusal>
option_settings(const std::vector<std::string>& words)
{
    std::vector<std::pair<std::string, std::string>> settings;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string_view word = words[i];
        if (word == "-c" && i + 1 < words.size())
            word = words[++i];
        else if (word.starts_with("--") || word.starts_with("-c"))
            word.remove_prefix(2);
        else
            return std::unexpected(setting_refusal(word));
        const auto equals = word.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return std::unexpected(setting_refusal(word));
        settings.emplace_back(replace_all(std::string(word.substr(0, equals)), "-", "_"),
                              std::string(word.substr(equals + 1)));
    }
    return settings;
}

} // namespace

SettingUse setting_use(std::string_view name)
{
    return contains(settable, name)  ? SettingUse::settable
           : contains(ignored, name) ? SettingUse::ignored
                                     : SettingUse::refused;
}

bool setting_name_is(std::string_view name, std::string_view other)
{
    return iequals(name, other);
}

Refusal setting_refusal(std::string_view name)
{
    return {.sqlstate = sqlstate::feature_not_supported,
            .message =
                "setting configuration parameter \"" + std::string(name) + "\" not supported"};
}

bool is_utf8_encoding(std::string_view value)
{
    std::string letters;
    for (const char c : value)
        if (const char lower = ascii_lower(c);
            (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9'))
            letters += lower;
    return std::ranges::find(utf8_encodings, letters) != utf8_encodings.end();
}

bool fits_the_parser(std::string_view name, std::string_view value)
{
    if (name == "standard_conforming_strings")
        return value == "on";
    return name != "client_encoding" || is_utf8_encoding(value);
}

std::span<const std::string_view> settable_settings() noexcept
{
    return settable;
}

std::span<const std::string_view> utf8_encoding_names() noexcept
{
    return utf8_encodings;
}

std::expected<StartupWishes, Refusal>
read_startup_parameters(const std::vector<std::pair<std::string, std::string>>& parameters)
{
    StartupWishes wishes;
    std::vector<std::pair<std::string, std::string>> settings;
    for (const auto& [name, value] : parameters) {
        if (name == "user")
            wishes.user = value;
        else if (name == "database")
            wishes.database = value;
        else if (name == "options") {
            auto found = option_settings(option_words(value));
            if (!found)
                return std::unexpected(std::move(found.error()));
            std::ranges::move(*found, std::back_inserter(settings));
        } else if (name.starts_with("_pq_."))
            wishes.unknown_options.push_back(name);
        else
            settings.emplace_back(name, value);
    }
    for (auto& [name, value] : settings) {
        if (name == "amzn-cluster-id" || name == "amzn_cluster_id") {
            wishes.cluster_id = value;
            continue;
        }
        const auto use = setting_use(name);
        if (use == SettingUse::refused ||
            (iequals(name, "client_encoding") && !is_utf8_encoding(value)))
            return std::unexpected(setting_refusal(name));
        if (use == SettingUse::settable && !iequals(name, "client_encoding"))
            wishes.settings.emplace_back(std::move(name), std::move(value));
    }
    if (wishes.database.empty())
        wishes.database = wishes.user;
    return wishes;
}

} // namespace nimbus::local::dsql

#include "cli/fault_options.h"

#include "base/error.h"
#include "base/number.h"
#include "base/random.h"
#include "base/text.h"

#include <cstring>
#include <optional>
#include <vector>

namespace nimbus::cli {
namespace {

using local::FaultSettings;

std::uint32_t random_seed()
{
    std::uint32_t seed = 0;
    const auto bytes = random_bytes(sizeof seed);
    std::memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
}

/// "500ms" or "2s".
std::optional<std::chrono::milliseconds> parse_delay(std::string_view text)
{
    const auto count = take_number<std::uint32_t>(text);
    if (!count || (text != "ms" && text != "s"))
        return std::nullopt;
    const std::chrono::milliseconds delay =
        text == "s" ? std::chrono::seconds(*count) : std::chrono::milliseconds(*count);
    const bool fits =
        delay >= FaultSettings::shortest_delay && delay <= FaultSettings::longest_delay;
    return fits ? std::optional(delay) : std::nullopt;
}

std::vector<std::string_view> known_names()
{
    std::vector<std::string_view> names;
    for (const auto fault : local::all_faults)
        names.push_back(local::name_of(fault));
    names.insert(names.end(), {"delay", "seed"});
    return names;
}

[[noreturn]] void throw_unknown(std::string_view option, std::string_view name)
{
    const auto names = known_names();
    const auto meant = likely_meant(name, names);
    throw UsageError(std::string(option) + " does not know '" + std::string(name) + "'",
                     (meant ? "Did you mean '" + std::string(*meant) + "'? " : std::string()) +
                         "It is a list such as conflicts=5%,disconnects=1%,seed=7 of " +
                         join({names.begin(), names.end()}, ", ") + "; or off.");
}

} // namespace

std::string FaultOptions::called(std::string_view name) const
{
    return before + std::string(name) + after;
}

FaultOptions fault_list(std::string_view option, std::string_view list)
{
    FaultOptions options{.before = "", .after = " in " + std::string(option)};
    if (list == "off")
        return options;
    for (const auto part : split(list, ',')) {
        const auto equals = part.find('=');
        const auto name = part.substr(0, equals);
        const bool has_value = equals != std::string_view::npos;
        const std::string value(has_value ? part.substr(equals + 1) : every_time);
        if (name == "delay")
            options.delay = value;
        else if (name == "seed")
            options.seed = value;
        else if (local::fault_named(name))
            options.rates[std::string(name)] = value;
        else
            throw_unknown(option, name);
    }
    return options;
}

local::FaultSettings fault_settings_of(const FaultOptions& options)
{
    FaultSettings settings;
    for (const auto& [name, text] : options.rates) {
        const auto rate = local::Rate::parse(text);
        if (!rate)
            throw UsageError(options.called(name) + " must be a percentage from 0% to 100%, not '" +
                                 text + "'",
                             "Such as 5% or 0.5%, in steps of 0.0001%.");
        settings.rate(local::fault_named(name).value()) = *rate;
    }
    if (!options.delay.empty()) {
        const auto delay = parse_delay(options.delay);
        if (!delay)
            throw UsageError(options.called("delay") + " must be a time from 1ms to 300s, not '" +
                                 options.delay + "'",
                             "Such as 500ms or 2s.");
        if (settings.rate(local::Fault::slow_statement).is_never())
            throw UsageError(
                options.called("delay") + " needs " + options.called("slow-statements"),
                "Say how many are slow with " + options.called("slow-statements") + ".");
        settings.delay = *delay;
    }
    if (!options.seed.empty() && options.rates.empty())
        throw UsageError(options.called("seed") + " needs a fault",
                         "Such as " + options.called("conflicts") + ".");
    const auto seed = options.seed.empty() ? std::optional(random_seed())
                                           : parse_number<std::uint32_t>(options.seed);
    if (!seed)
        throw UsageError(options.called("seed") +
                         " must be a whole number from 0 to 4294967295, not '" + options.seed +
                         "'");
    settings.seed = *seed;
    return settings.is_off() ? FaultSettings{} : settings;
}

} // namespace nimbus::cli

#include "local/faults/fault_settings.h"

#include "base/error.h"
#include "base/number.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nimbus::local {
namespace {

constexpr double millionths_of_a_percent = 10'000;

double percent_member(const json::object& entry, std::string_view fault)
{
    const auto* value = entry.if_contains("percent");
    if (value == nullptr || !value->is_number())
        throw Error("'percent' of the fault '" + std::string(fault) + "' must be a number");
    return value->to_number<double>();
}

void read_fault(const json::value& entry, FaultSettings& settings)
{
    if (!entry.is_object())
        throw Error("Each of 'faults' must be an object");
    const auto name = string_or_empty(entry.as_object(), "fault");
    const auto fault = fault_named(name);
    if (!fault)
        throw Error("There is no fault '" + name + "'");
    const auto rate = Rate::from_percent(percent_member(entry.as_object(), name));
    if (!rate)
        throw Error("'percent' of the fault '" + name + "' must be a number from 0 to 100");
    settings.rate(*fault) = *rate;
}

std::int64_t whole_number(const json::object& document, std::string_view key, std::int64_t least,
                          std::int64_t most)
{
    const auto value = integer_member(document, key);
    if (!value || *value < least || *value > most)
        throw Error("'" + std::string(key) + "' must be a whole number from " +
                    std::to_string(least) + " to " + std::to_string(most));
    return *value;
}

} // namespace

std::string_view name_of(Fault fault) noexcept
{
    switch (fault) {
    case Fault::conflict:
        return "conflicts";
    case Fault::disconnect:
        return "disconnects";
    case Fault::expired_token:
        return "expired-tokens";
    case Fault::throttle:
        return "throttles";
    case Fault::slow_statement:
        return "slow-statements";
    case Fault::cold_start:
        return "cold-starts";
    }
    return {};
}

std::optional<Fault> fault_named(std::string_view name) noexcept
{
    const auto* const found = std::ranges::find(all_faults, name, name_of);
    return found == all_faults.end() ? std::nullopt : std::optional(*found);
}

std::optional<Rate> Rate::from_percent(double percent) noexcept
{
    if (!(percent >= 0 && percent <= 100)) // NaN is neither
        return std::nullopt;
    const Rate rate(static_cast<std::uint32_t>(std::lround(percent * millionths_of_a_percent)));
    return rate.is_never() && percent > 0 ? std::nullopt : std::optional(rate);
}

std::optional<Rate> Rate::parse(std::string_view text) noexcept
{
    if (!text.ends_with('%'))
        return std::nullopt;
    text.remove_suffix(1);
    const auto percent = parse_number<double>(text);
    return percent ? from_percent(*percent) : std::nullopt;
}

double Rate::percent() const noexcept
{
    return millionths_ / millionths_of_a_percent;
}

std::string Rate::text() const
{
    return compact_json(percent()) + '%';
}

bool FaultSettings::is_off() const noexcept
{
    return std::ranges::all_of(rates, &Rate::is_never);
}

json::object to_json(const FaultSettings& settings)
{
    json::array faults;
    for (const auto fault : all_faults)
        if (const auto rate = settings.rate(fault); !rate.is_never())
            faults.push_back(json::object{{"fault", name_of(fault)}, {"percent", rate.percent()}});
    return {{"faults", std::move(faults)},
            {"delayMilliseconds", settings.delay.count()},
            {"seed", settings.seed}};
}

FaultSettings fault_settings_from_json(const json::object& document)
{
    FaultSettings settings;
    const auto* faults = array_member(document, "faults");
    if (faults == nullptr)
        throw Error("'faults' must be a list");
    for (const auto& entry : *faults)
        read_fault(entry, settings);
    settings.delay = std::chrono::milliseconds(whole_number(document, "delayMilliseconds",
                                                            FaultSettings::shortest_delay.count(),
                                                            FaultSettings::longest_delay.count()));
    settings.seed = static_cast<std::uint32_t>(
        whole_number(document, "seed", 0, std::numeric_limits<std::uint32_t>::max()));
    return settings;
}

std::string describe(const FaultSettings& settings)
{
    std::string text;
    for (const auto fault : all_faults) {
        const auto rate = settings.rate(fault);
        if (rate.is_never())
            continue;
        text += std::string(name_of(fault)) + ' ' + rate.text();
        if (fault == Fault::slow_statement)
            text += " (" + std::to_string(settings.delay.count()) + " ms)";
        text += ", ";
    }
    return text + "seed " + std::to_string(settings.seed);
}

} // namespace nimbus::local

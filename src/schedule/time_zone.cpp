#include "schedule/time_zone.h"

#include "base/error.h"
#include "base/text.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace nimbus::schedule {

/// CCTZ rather than Howard Hinnant's date: Debian builds that one so that it knows no daylight
/// saving time after 2037, where the database's tables end and its rules go on.
struct TimeZone::Data {
    cctz::time_zone zone;
};

namespace {

namespace fs = std::filesystem;

/// Where CCTZ looks, too.
fs::path database_directory()
{
    const char* directory = std::getenv("TZDIR");
    return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

/// Are the characters those of the database's names? What else CCTZ takes are paths, "localtime"
/// and names of its own ("Fixed/UTC+01:00:00"), none of which Scheduler knows.
bool looks_like_a_name(std::string_view name)
{
    constexpr std::string_view others = "/_+-";
    return !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
           !name.starts_with("Fixed/") && std::ranges::all_of(name, [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      others.contains(c);
           });
}

/// The names of all zones. Beside them, the database's directory holds tables (zone.tab, tzdata.zi)
/// and copies (posix, right, localtime), whose names are written otherwise.
std::vector<std::string> zone_names()
{
    std::vector<std::string> names;
    const auto root = database_directory();
    std::error_code ignored;
    for (auto entry = fs::recursive_directory_iterator(root, ignored);
         entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
        const auto name = entry->path().lexically_relative(root).string();
        if (!looks_like_a_name(name))
            entry.disable_recursion_pending();
        else if (entry->is_regular_file(ignored))
            names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

/// How far `wanted`, in lower case, is from `name` or from the city that it ends with.
std::size_t distance(const std::string& wanted, std::string_view name)
{
    const auto lower = to_lower(name);
    const auto city = lower.substr(lower.rfind('/') + 1);
    return std::min(edit_distance(wanted, lower), edit_distance(wanted, city));
}

[[noreturn]] void throw_unknown(std::string_view name)
{
    const auto quoted = "'" + std::string(name) + "'";
    const auto names = zone_names();
    if (names.empty())
        throw Error("The time zone " + quoted + " cannot be looked up: there is no database in " +
                    database_directory().string() + "; install the package tzdata");
    const auto wanted = replace_all(to_lower(name), " ", "_");
    const auto nearest = std::ranges::min_element(
        names, {}, [&](const std::string& known) { return distance(wanted, known); });
    const bool near = distance(wanted, *nearest) <= 1 + wanted.size() / 4;
    throw Error("The time zone " + quoted + " is not in the IANA database; " +
                (near ? "did you mean '" + *nearest + "'?"
                      : "write a name such as 'Europe/Berlin' or 'UTC'"));
}

cctz::civil_second to_civil(LocalTime local)
{
    return cctz::civil_second() + local.time_since_epoch().count();
}

LocalTime to_local_time(cctz::civil_second civil)
{
    return LocalTime(std::chrono::seconds(civil - cctz::civil_second()));
}

} // namespace

TimeZone::TimeZone(std::string_view name)
{
    // Longer names would be paths longer than file systems take.
    constexpr std::size_t longest_name = 64;
    Data data;
    if (name.size() > longest_name || !looks_like_a_name(name) ||
        !cctz::load_time_zone(std::string(name), &data.zone))
        throw_unknown(name.substr(0, longest_name));
    data_ = std::make_shared<const Data>(data);
}

LocalTime TimeZone::to_local(SystemTime time) const
{
    return to_local_time(data_->zone.lookup(std::chrono::floor<std::chrono::seconds>(time)).cs);
}

TimeZone::Reading TimeZone::read(LocalTime local) const
{
    using Lookup = cctz::time_zone::civil_lookup;
    constexpr std::chrono::seconds one_second(1);
    const auto& zone = data_->zone;
    const auto found = zone.lookup(to_civil(local));
    if (found.kind == Lookup::UNIQUE)
        return {found.pre, local + one_second};
    // The clocks change at `trans`: forward to its local time, or back from it.
    const auto changed = to_local_time(zone.lookup(found.trans).cs);
    if (found.kind == Lookup::SKIPPED)
        return {std::nullopt, changed};
    return {found.pre, to_local_time(zone.lookup(found.trans - one_second).cs) + one_second};
}

std::string TimeZone::format(SystemTime time) const
{
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const bool is_utc = std::string_view(data_->zone.lookup(second).abbr) == "UTC";
    return cctz::format(is_utc ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%S%Ez", second,
                        data_->zone);
}

} // namespace nimbus::schedule

#include "deploy/kinds/timer/declaration.h"

#include "base/error.h"
#include "base/text.h"
#include "manifest/check.h"
#include "schedule/schedule.h"

#include <algorithm>

namespace nimbus::deploy::timer {
namespace {

using manifest::Manifest;
using manifest::ObjectReader;
using manifest::Problems;

constexpr std::string_view list = "timers";
constexpr int longest_window = 1'440;

/// Any text: the schedule says what is wrong with it.
const manifest::TextRule expression_rule{
    [](std::string_view) { return true; },
    "a schedule: rate(5 minutes), cron(0 2 * * ? *) or at(2027-01-31T08:00:00)"};
const manifest::TextRule zone_rule{[](std::string_view) { return true; },
                                   "a time zone such as UTC or Europe/Berlin"};

Timer read_timer(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(
        value, path,
        {"name", "schedule", "timezone", "description", "enabled", "flexibleWindow", "function"},
        problems);
    Timer timer;
    timer.name = reader.required_text("name", manifest::name_rule);
    timer.schedule = reader.required_text("schedule", expression_rule);
    timer.timezone = reader.text("timezone", zone_rule).value_or(timer.timezone);
    timer.description = reader.text("description", manifest::description_rule).value_or("");
    timer.enabled = reader.boolean("enabled").value_or(true);
    timer.flexible_window = reader.integer("flexibleWindow", 1, longest_window, "minutes");
    timer.function = reader.required_text("function", manifest::function_name_rule);
    return timer;
}

void read(ObjectReader& document, Manifest& manifest, Problems& problems)
{
    document.each(list, [&](const json::value& value, const std::string& path) {
        manifest.declared.of<Timer>().push_back(read_timer(value, path, problems));
    });
}

json::array write(const Manifest& manifest)
{
    json::array array;
    for (const auto& timer : manifest.declared.of<Timer>()) {
        json::object object{{"name", timer.name},         {"schedule", timer.schedule},
                            {"timezone", timer.timezone}, {"description", timer.description},
                            {"enabled", timer.enabled},   {"function", timer.function}};
        if (timer.flexible_window)
            object.emplace("flexibleWindow", *timer.flexible_window);
        array.push_back(std::move(object));
    }
    return array;
}

/// What is wrong with an expression in a time zone, or "".
std::string mistake_in(const std::string& expression, const std::string& zone)
{
    try {
        const schedule::Schedule schedule(expression, zone);
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

/// An expression that is right in UTC has a wrong time zone.
void check_schedule(const Timer& timer, const std::string& path, Problems& problems)
{
    if (timer.schedule.empty() && problems.has(path + ".schedule"))
        return;
    if (const auto mistake = mistake_in(timer.schedule, "UTC"); !mistake.empty())
        problems.add(path + ".schedule", mistake);
    else if (const auto wrong_zone = mistake_in(timer.schedule, timer.timezone);
             !wrong_zone.empty() && !problems.has(path + ".timezone"))
        problems.add(path + ".timezone", wrong_zone);
}

void check(const Manifest& manifest, Problems& problems)
{
    const auto& timers = manifest.declared.of<Timer>();
    manifest::check_unique_names(timers, list, problems);
    const manifest::FunctionNames functions(manifest, problems);
    for (std::size_t i = 0; i < timers.size(); ++i) {
        const auto path = indexed(list, i);
        check_schedule(timers[i], path, problems);
        functions.require(timers[i].function, path + ".function", problems);
    }
}

} // namespace

manifest::Section section()
{
    return {.name = list, .read = read, .write = write, .check = check};
}

} // namespace nimbus::deploy::timer

#include "schedule/schedule.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

#include <string>
#include <utility>
#include <variant>

namespace nimbus::schedule {
namespace {

using std::chrono::seconds;

constexpr std::size_t longest_expression = 256; ///< the service model's
constexpr int first_year = 1970;
constexpr int last_year = 2199;
constexpr auto end_of_years =
    std::chrono::sys_days(std::chrono::year(last_year + 1) / std::chrono::January / 1);

[[noreturn]] void refuse(std::string_view expression, std::string_view why)
{
    throw Error(std::string(expression) + ": " + std::string(why));
}

/// At `start` and then every `period`.
class Rate {
public:
    Rate(seconds period, SystemTime start)
        : period_(period), start_(std::chrono::floor<seconds>(start))
    {
    }

    std::optional<SystemTime> next(SystemTime after) const
    {
        const auto from = std::chrono::floor<seconds>(after);
        const auto moment =
            from < start_ ? start_ : start_ + ((from - start_) / period_ + 1) * period_;
        return moment < end_of_years ? std::optional<SystemTime>(moment) : std::nullopt;
    }

private:
    seconds period_;
    std::chrono::sys_seconds start_;
};

class Recurring {
public:
    Recurring(Cron cron, TimeZone zone) : cron_(std::move(cron)), zone_(std::move(zone)) {}

    std::optional<SystemTime> next(SystemTime after) const
    {
        auto local = zone_.to_local(after);
        while (const auto candidate = cron_.next(local)) {
            const auto [moment, resume] = zone_.read(*candidate);
            if (moment && *moment > after)
                return moment;
            // Left out by the clocks, or shown for the second time: no other time in that hour
            // fires.
            local = resume - seconds(1);
        }
        return std::nullopt;
    }

private:
    Cron cron_;
    TimeZone zone_;
};

/// Never, when the clocks leave that time out.
class Once {
public:
    Once(LocalTime local, const TimeZone& zone) : moment_(zone.read(local).moment) {}

    std::optional<SystemTime> next(SystemTime after) const
    {
        return moment_ && *moment_ > after ? moment_ : std::nullopt;
    }

private:
    std::optional<SystemTime> moment_;
};

seconds unit_of(std::string_view expression, std::string_view unit)
{
    if (unit == "minute" || unit == "minutes")
        return std::chrono::minutes(1);
    if (unit == "hour" || unit == "hours")
        return std::chrono::hours(1);
    if (unit == "day" || unit == "days")
        return std::chrono::days(1);
    refuse(expression,
           "the unit is '" + std::string(unit) + "'; units are minutes, hours and days");
}

Rate parse_rate(std::string_view expression, std::string_view content, SystemTime start)
{
    const auto blank = content.find(' ');
    if (blank == std::string_view::npos)
        refuse(expression, "a rate is a value and a unit, such as rate(5 minutes)");
    const auto text = content.substr(0, blank);
    const auto value = parse_number<std::int32_t>(text);
    if (!value || *value < 1)
        refuse(expression, "the value is '" + std::string(text) +
                               "'; values are whole numbers from 1 to 2147483647");
    return {*value * unit_of(expression, trim(content.substr(blank))), start};
}

LocalTime parse_local_time(std::string_view expression, std::string_view content)
{
    constexpr std::string_view form = "yyyy-mm-ddThh:mm:ss";
    const auto moment =
        content.size() == form.size() ? parse_iso8601(std::string(content) + 'Z') : std::nullopt;
    if (!moment)
        refuse(expression, "'" + std::string(content) + "' is not a date and time of the form " +
                               std::string(form));
    const auto local = LocalTime(seconds(to_unix_seconds(*moment)));
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(local));
    if (date.year() < std::chrono::year(first_year) || date.year() > std::chrono::year(last_year))
        refuse(expression,
               "the year is '" + std::string(content.substr(0, 4)) + "'; years are 1970 to 2199");
    return local;
}

std::variant<Rate, Recurring, Once> parse(std::string_view expression, const TimeZone& zone,
                                          SystemTime start)
{
    if (expression.size() > longest_expression)
        throw Error("A schedule expression has at most " + std::to_string(longest_expression) +
                    " characters, and this one has " + std::to_string(expression.size()));
    const auto open = expression.find('(');
    if (open != std::string_view::npos && expression.ends_with(')')) {
        const auto kind = expression.substr(0, open);
        const auto content = expression.substr(open + 1, expression.size() - open - 2);
        if (kind == "rate")
            return parse_rate(expression, content, start);
        if (kind == "cron")
            return Recurring(parse_cron(expression), zone);
        if (kind == "at")
            return Once(parse_local_time(expression, content), zone);
    }
    throw Error("'" + std::string(expression) +
                "' is not a schedule expression; write rate(5 minutes), cron(0 2 * * ? *) or "
                "at(2027-01-31T08:00:00)");
}

} // namespace

struct Schedule::Moments {
    std::variant<Rate, Recurring, Once> kind;
};

Schedule::Schedule(std::string_view expression, std::string_view time_zone, SystemTime start)
    : moments_(std::make_shared<const Moments>(parse(expression, TimeZone(time_zone), start)))
{
}

std::optional<SystemTime> Schedule::next(SystemTime after) const
{
    return std::visit([&](const auto& kind) { return kind.next(after); }, moments_->kind);
}

std::vector<SystemTime> Schedule::next_n(SystemTime after, std::size_t count) const
{
    std::vector<SystemTime> found;
    for (auto moment = next(after); moment && found.size() < count; moment = next(*moment))
        found.push_back(*moment);
    return found;
}

std::optional<SystemTime> Schedule::latest(SystemTime after, SystemTime until) const
{
    auto found = next(after);
    if (!found || *found > until)
        return std::nullopt;
    // `found` is the first moment after `after`; none is in (end, until]. Moments are whole
    // seconds, so that at most one is left where the two are a second apart.
    for (auto end = until; end - after > seconds(1);) {
        const auto middle = after + (end - after) / 2;
        const auto moment = next(middle);
        if (moment && *moment <= until) {
            after = middle;
            found = moment;
        } else {
            end = middle;
        }
    }
    return found;
}

bool Schedule::is_one_time() const noexcept
{
    return std::holds_alternative<Once>(moments_->kind);
}

} // namespace nimbus::schedule

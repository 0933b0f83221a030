#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "schedule/cron.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace nimbus::schedule {
namespace {

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};

/// What may stand in one field.
struct Field {
    std::string_view name;
    std::string_view allowed; ///< for people
    int first;
    int last;
    std::span<const std::string_view> names; ///< of the numbers, from `first` on
};

constexpr Field minutes_field{"minutes", "minutes are 0 to 59", 0, 59, {}};
constexpr Field hours_field{"hours", "hours are 0 to 23", 0, 23, {}};
constexpr Field day_of_month_field{
    "day-of-month",
    "days of the month are 1 to 31, L (the last), LW or a day with W (15W)",
    1,
    31,
    {}};
constexpr Field month_field{"month", "months are 1 to 12 or JAN to DEC", 1, 12, month_names};
constexpr Field day_of_week_field{
    "day-of-week",
    "days of the week are 1 (Sunday) to 7 or SUN to SAT, also with L (6L, the last Friday of the "
    "month) or # (6#2, the second)",
    1, 7, weekday_names};
constexpr Field year_field{"year", "years are 1970 to 2199", 1970, 2199, {}};

/// The text of one field, and how to refuse it.
class FieldText {
public:
    FieldText(std::string_view expression, const Field& field, std::string_view text)
        : expression_(expression), field_(field), text_(text)
    {
    }

    std::string_view text() const noexcept { return text_; }

    [[noreturn]] void refuse(std::string_view why) const
    {
        throw Error(std::string(expression_) + ": the " + std::string(field_.name) + " field is '" +
                    std::string(text_) + "'; " + std::string(why));
    }

    /// What is allowed instead.
    [[noreturn]] void refuse() const { refuse(field_.allowed); }

    /// One value, by number or name.
    int value(std::string_view part) const
    {
        if (const auto name = std::ranges::find(field_.names, part); name != field_.names.end())
            return field_.first + static_cast<int>(name - field_.names.begin());
        const auto number = parse_number<int>(part);
        if (number && *number >= field_.first && *number <= field_.last)
            return *number;
        if (part == "?")
            refuse("'?' stands alone, as day-of-month or as day-of-week");
        if (std::ranges::find(field_.names, to_upper(part)) != field_.names.end())
            refuse("names are in capitals: " + to_upper(part));
        refuse();
    }

    /// Values, ranges and steps, with commas between them.
    Values values() const
    {
        Values all;
        for (const auto item : split(text_, ','))
            add_item(item, all);
        std::ranges::sort(all);
        const auto repeated = std::ranges::unique(all);
        all.erase(repeated.begin(), repeated.end());
        return all;
    }

private:
    /// *, 5, 5-10, each also with a step: */15, 5/15, 5-30/15.
    void add_item(std::string_view item, Values& all) const
    {
        const auto slash = item.find('/');
        const bool stepped = slash != std::string_view::npos;
        const int step = stepped ? step_of(item.substr(slash + 1)) : 1;
        const auto range = item.substr(0, slash);
        const auto dash = range.find('-');
        int from = field_.first;
        int to = field_.last;
        if (dash != std::string_view::npos) {
            from = value(range.substr(0, dash));
            to = value(range.substr(dash + 1));
        } else if (range != "*") {
            from = value(range);
            to = stepped ? field_.last : from;
        }
        if (from > to)
            refuse_range(range.substr(0, dash), range.substr(dash + 1));
        for (int next = from; next <= to; next += step)
            all.push_back(next);
    }

    int step_of(std::string_view text) const
    {
        const int longest = field_.last - field_.first + 1;
        const auto step = parse_number<int>(text);
        if (!step || *step < 1 || *step > longest)
            refuse("a step is 1 to " + std::to_string(longest));
        return *step;
    }

    [[noreturn]] void refuse_range(std::string_view from, std::string_view to) const
    {
        const auto text = [&](int number) {
            return field_.names.empty()
                       ? std::to_string(number)
                       : std::string(field_.names[static_cast<std::size_t>(number - field_.first)]);
        };
        refuse("a range goes up: " + std::string(from) + "-" + text(field_.last) + "," +
               text(field_.first) + "-" + std::string(to));
    }

    std::string_view expression_;
    const Field& field_;
    std::string_view text_;
};

/// Refuses a list, range or step in which one of `letters` stands.
void require_alone(const FieldText& field, std::string_view letters, std::string_view why)
{
    const auto text = field.text();
    if (text.find_first_of(letters) != std::string_view::npos &&
        text.find_first_of(",-/") != std::string_view::npos)
        field.refuse(why);
}

DayRule read_day_of_month(const FieldText& field)
{
    using Kind = DayRule::Kind;
    const auto text = field.text();
    require_alone(field, "LW", "L, LW and W stand without other days");
    if (text == "L")
        return {Kind::last_day};
    if (text == "LW")
        return {Kind::last_weekday};
    if (text.ends_with('W'))
        return {Kind::nearest_weekday, {}, field.value(text.substr(0, text.size() - 1))};
    return {Kind::days_of_month, field.values()};
}

DayRule read_day_of_week(const FieldText& field)
{
    using Kind = DayRule::Kind;
    const auto text = field.text();
    require_alone(field, "L#", "L and # stand without other days");
    if (text == "L")
        return {Kind::days_of_week, {day_of_week_field.last}};
    if (text.ends_with('L'))
        return {Kind::last_of_month, {}, field.value(text.substr(0, text.size() - 1))};
    const auto hash = text.find('#');
    if (hash == std::string_view::npos)
        return {Kind::days_of_week, field.values()};
    const auto nth = parse_number<int>(text.substr(hash + 1));
    if (!nth || *nth < 1 || *nth > 5)
        field.refuse("the number after # is 1 to 5");
    return {Kind::nth_of_month, {}, field.value(text.substr(0, hash)), *nth};
}

DayRule read_days(std::string_view expression, std::string_view day_of_month,
                  std::string_view day_of_week)
{
    const bool any_day_of_month = day_of_month == "?";
    const bool any_day_of_week = day_of_week == "?";
    if (any_day_of_month == any_day_of_week)
        throw Error(std::string(expression) + ": day-of-month is '" + std::string(day_of_month) +
                    "' and day-of-week is '" + std::string(day_of_week) + "'; " +
                    (any_day_of_month ? "only one of them can be '?'"
                                      : "one of them must be '?', which stands for any"));
    return any_day_of_month ? read_day_of_week({expression, day_of_week_field, day_of_week})
                            : read_day_of_month({expression, day_of_month_field, day_of_month});
}

std::vector<std::string_view> words(std::string_view text)
{
    auto parts = split(text, ' ');
    std::erase(parts, "");
    return parts;
}

} // namespace

Cron parse_cron(std::string_view expression)
{
    constexpr std::size_t field_count = 6;
    const auto open = expression.find('(');
    const auto fields = words(expression.substr(open + 1, expression.size() - open - 2));
    if (fields.size() != field_count)
        throw Error(std::string(expression) + ": it has " + std::to_string(fields.size()) +
                    (fields.size() == 1 ? " field" : " fields") +
                    "; six are needed: minutes hours day-of-month month day-of-week year");
    const auto values = [&](const Field& field, std::size_t index) {
        return FieldText(expression, field, fields[index]).values();
    };
    return Cron({.minutes = values(minutes_field, 0),
                 .hours = values(hours_field, 1),
                 .months = values(month_field, 3),
                 .years = values(year_field, 5),
                 .days = read_days(expression, fields[2], fields[4])});
}

} // namespace nimbus::schedule

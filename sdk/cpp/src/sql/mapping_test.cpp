#include "sql/pg_messages.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <nimbus/decimal.hpp>
#include <nimbus/interval.hpp>
#include <nimbus/sql.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>
#include <span>

namespace nimbus::sql::detail {
namespace {

struct Row {
    std::int64_t id = 0;
    std::string name;
    std::optional<double> price;
};
BOOST_DESCRIBE_STRUCT(Row, (), (id, name, price))

enum class Level { low, high };
BOOST_DESCRIBE_ENUM(Level, low, high)

struct Settings {
    std::string theme;
    int size = 12;
};
BOOST_DESCRIBE_STRUCT(Settings, (), (theme, size))

struct Account {
    Level level = Level::high;
    int limit = 20;
    std::optional<std::optional<std::string>> note;
    std::optional<int> age = 18;
};
BOOST_DESCRIBE_STRUCT(Account, (), (level, limit, note, age))

result make_result(std::vector<result::column> columns,
                   const std::vector<std::optional<std::string_view>>& fields)
{
    result rows;
    rows.columns = std::move(columns);
    for (const auto& field : fields)
        rows.add_field(field);
    return rows;
}

std::string message_of(auto&& call)
{
    try {
        call();
    } catch (const mapping_error& failure) {
        return failure.what();
    }
    return "no failure";
}

TEST(Rows, BecomeStructsByColumnNames)
{
    const auto rows =
        rows_as<Row>(make_result({{"price", 701}, {"more", 25}, {"name", 25}, {"id", 20}},
                                 {"1.5", "x", "tea", "1", std::nullopt, std::nullopt, "", "-2"}));

    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, 1);
    EXPECT_EQ(rows[0].name, "tea");
    EXPECT_EQ(rows[0].price, 1.5);
    EXPECT_EQ(rows[1].id, -2);
    EXPECT_EQ(rows[1].name, "");
    EXPECT_FALSE(rows[1].price);
}

TEST(Rows, ThatDoNotFitSayWhichColumn)
{
    EXPECT_EQ(message_of([] { rows_as<Row>(make_result({{"id", 20}, {"name", 25}}, {})); }),
              "the statement returns no column price (it returns id, name)");
    EXPECT_EQ(message_of([] { rows_as<std::string>(make_result({{"a", 25}}, {std::nullopt})); }),
              "the column a is NULL; its C++ type must be std::optional");
    EXPECT_EQ(message_of([] { rows_as<std::int16_t>(make_result({{"a", 20}}, {"70000"})); }),
              "the column a does not hold an integer of this size");
    EXPECT_EQ(message_of([] { rows_as<uuid>(make_result({{"a", 25}}, {"x"})); }),
              "the column a does not hold a UUID");
    EXPECT_EQ(message_of([] { rows_as<int>(make_result({{"a", 20}, {"b", 20}}, {"1", "2"})); }),
              "the statement returns a, b where 1 column is wanted");
}

TEST(Rows, BecomeTuplesByPosition)
{
    const auto rows = rows_as<std::tuple<int, std::optional<bool>>>(
        make_result({{"a", 23}, {"b", 16}}, {"1", "t", "2", std::nullopt}));
    EXPECT_EQ(rows[0], std::make_tuple(1, std::optional(true)));
    EXPECT_EQ(rows[1], std::make_tuple(2, std::optional<bool>()));
}

TEST(Rows, BecomeJsonByTheColumnsTypes)
{
    const auto rows = rows_as<json::object>(make_result(
        {{"i", 20}, {"f", 701}, {"b", 16}, {"j", 3802}, {"t", 1114}, {"n", 1700}, {"x", 25}},
        {"7", "1.5", "f", R"({"a":[1]})", "2024-12-01 12:00:00", "1.10", std::nullopt}));
    EXPECT_EQ(json::serialize(rows[0]),
              R"({"i":7,"f":1.5E0,"b":false,"j":{"a":[1]},"t":"2024-12-01T12:00:00.000Z",)"
              R"("n":"1.10","x":null})");
}

TEST(Rows, TakeEnumerationsByName)
{
    EXPECT_EQ(rows_as<Level>(make_result({{"a", 25}}, {"high"}))[0], Level::high);
    EXPECT_EQ(message_of([] { rows_as<Level>(make_result({{"a", 25}}, {"x"})); }),
              "the column a does not hold one of low, high");
}

TEST(Rows, KeepAMembersInitialiserForNullAndForAColumnThatIsNotThere)
{
    const auto rows =
        rows_as<Account>(make_result({{"limit", 23}, {"age", 23}}, {std::nullopt, std::nullopt}));
    EXPECT_EQ(rows[0].level, Level::high);
    EXPECT_EQ(rows[0].limit, 20);
    EXPECT_FALSE(rows[0].note);
    EXPECT_FALSE(rows[0].age);
    EXPECT_TRUE(rows_as<Account>(make_result({{"note", 25}}, {std::nullopt}))[0].note);
    EXPECT_EQ(message_of([] { rows_as<Row>(make_result({{"name", 25}, {"price", 701}}, {})); }),
              "the statement returns no column id (it returns name, price)");
}

template <class T>
T from_array(std::string_view text, std::uint32_t type = 1009)
{
    return rows_as<T>(make_result({{"a", type}}, {text}))[0];
}

TEST(Rows, TakeArrays)
{
    using texts = std::vector<std::string>;
    using maybe = std::vector<std::optional<std::string>>;
    EXPECT_EQ(from_array<texts>("{}"), texts{});
    EXPECT_EQ(from_array<texts>(R"({a,"b,c","d\"e","f\\g","","NULL"," h "})"),
              (texts{"a", "b,c", "d\"e", "f\\g", "", "NULL", " h "}));
    EXPECT_EQ(from_array<maybe>(R"({NULL,"NULL",null})"), (maybe{std::nullopt, "NULL", "null"}));
    EXPECT_EQ(from_array<std::vector<int>>("[0:2]={1,2,3}", 1007), (std::vector{1, 2, 3}));
    EXPECT_EQ(from_array<std::vector<std::vector<int>>>("{{1,2},{3,4}}", 1007),
              (std::vector<std::vector<int>>{{1, 2}, {3, 4}}));
    EXPECT_EQ(from_array<std::vector<bool>>("{t,f}", 1000), (std::vector{true, false}));
    EXPECT_EQ(from_array<std::vector<std::vector<std::byte>>>(R"({"\\x00ff"})", 1001),
              (std::vector<std::vector<std::byte>>{{std::byte{0}, std::byte{255}}}));
}

TEST(Rows, ThatAreNoArraysOfTheTypeSaySo)
{
    for (const auto* text :
         {"", "{", "{a", "{a,}", "{,}", "{\"a}", "{a}}", "{{a}", "x", "[1:2", "{\"a\\"})
        EXPECT_EQ(message_of([&] { from_array<std::vector<std::string>>(text); }),
                  "the column a does not hold an array")
            << text;
    EXPECT_EQ(message_of([] { from_array<std::vector<int>>("{1,NULL}"); }),
              "the column a is NULL; its C++ type must be std::optional");
    EXPECT_EQ(message_of([] { from_array<std::vector<int>>("{{1}}"); }),
              "the column a does not hold an array of one dimension");
    EXPECT_EQ(message_of([] { from_array<std::vector<std::vector<int>>>("{1}"); }),
              "the column a does not hold an array of arrays");
}

TEST(Rows, TakeJsonAsStructsMapsAndRanges)
{
    const auto settings =
        rows_as<std::tuple<Settings, std::map<std::string, int>, std::vector<int>>>(
            make_result({{"a", 3802}, {"b", 114}, {"c", 3802}},
                        {R"({"theme":"dark"})", R"({"x":1})", "[1,2]"}));
    EXPECT_EQ(std::get<0>(settings[0]).theme, "dark");
    EXPECT_EQ(std::get<0>(settings[0]).size, 12);
    EXPECT_EQ(std::get<1>(settings[0]), (std::map<std::string, int>{{"x", 1}}));
    EXPECT_EQ(std::get<2>(settings[0]), (std::vector{1, 2}));
    EXPECT_EQ(message_of([] {
                  rows_as<std::tuple<Settings>>(make_result({{"a", 3802}}, {R"({"theme":1})"}));
              }),
              "the JSON in the column a does not fit: theme must be a string, not a number");
}

TEST(Rows, TakeNumericIntervalAndTimesExactly)
{
    using std::chrono::microseconds;
    using row =
        std::tuple<decimal, interval, std::chrono::minutes, std::chrono::sys_time<microseconds>,
                   std::chrono::year_month_day, std::chrono::hh_mm_ss<microseconds>>;
    const auto rows = rows_as<row>(
        make_result({{"a", 1700}, {"b", 1186}, {"c", 1186}, {"d", 1184}, {"e", 1082}, {"f", 1083}},
                    {"12345678901234567890.10", "1 mon 00:00:01", "01:30:00",
                     "2024-12-01 12:00:00.000001+00", "2024-02-29", "08:30:00.5"}));
    EXPECT_EQ(std::get<0>(rows[0]).to_string(), "12345678901234567890.10");
    EXPECT_EQ(std::get<1>(rows[0]), (interval{.months = 1, .time = std::chrono::seconds{1}}));
    EXPECT_EQ(std::get<2>(rows[0]), std::chrono::minutes{90});
    EXPECT_EQ(std::get<3>(rows[0]).time_since_epoch() % std::chrono::seconds{1}, microseconds{1});
    EXPECT_EQ(std::get<4>(rows[0]), std::chrono::year{2024} / 2 / 29);
    EXPECT_EQ(std::get<5>(rows[0]).subseconds(), std::chrono::milliseconds{500});
    EXPECT_EQ(message_of([] { rows_as<decimal>(make_result({{"a", 1700}}, {"NaN"})); }),
              "the column a does not hold a decimal such as \"12.30\"");
}

TEST(Rows, BecomeJsonArraysOfTheElementsTypes)
{
    const auto rows = rows_as<json::object>(
        make_result({{"a", 1007}, {"b", 1009}, {"c", 1007}}, {"{1,NULL}", "{x}", "{{1},{2}}"}));
    EXPECT_EQ(json::serialize(rows[0]), R"({"a":[1,null],"b":["x"],"c":[[1],[2]]})");
}

TEST(Rows, WithJsonThatCppCannotHoldSayWhichColumn)
{
    const auto large = make_result({{"a", 3802}}, {R"({"x":1e400})"});
    EXPECT_EQ(message_of([&] { rows_as<json::object>(large); }),
              "the JSON in the column a does not fit: x is out of range");
}

TEST(Parameters, ThatAreRangesAreArrays)
{
    const std::vector<std::string> texts{"a", "b,c", "d\"e", "f\\g", "", "null", "{", " "};
    const std::array<int, 2> numbers{1, -2};
    const auto list = make_parameters(
        texts, std::span<const int>(numbers), std::vector<std::optional<int>>{1, std::nullopt},
        std::vector<int>{}, std::vector<std::vector<int>>{{1, 2}, {3, 4}},
        std::vector<bool>{true, false}, std::vector{Level::low},
        std::vector<std::vector<std::byte>>{{std::byte{255}}});
    const parameter_list expected{R"({a,"b,c","d\"e","f\\g","","null","{"," "})",
                                  "{1,-2}",
                                  "{1,NULL}",
                                  "{}",
                                  "{{1,2},{3,4}}",
                                  "{true,false}",
                                  "{low}",
                                  R"({"\\xff"})"};
    EXPECT_EQ(list, expected);
}

TEST(Parameters, ThatOnlyJsonHasAreJson)
{
    const auto list =
        make_parameters(Settings{"dark"}, std::map<std::string, int>{{"a", 1}},
                        std::vector<Settings>{{"light", 9}}, std::optional<Settings>());
    const parameter_list expected{R"({"theme":"dark","size":12})", R"({"a":1})",
                                  R"([{"theme":"light","size":9}])", std::nullopt};
    EXPECT_EQ(list, expected);
}

TEST(Parameters, OfChronoDecimalAndEnumerationsAreTheirText)
{
    using namespace std::chrono;
    const auto list = make_parameters(Level::high, decimal("1.10"), interval{.months = 1}, 90min,
                                      2024y / 2 / 29, sys_days(2024y / 2 / 29) + 1us);
    const parameter_list expected{"high",    "1.10",       "P1M",
                                  "PT1H30M", "2024-02-29", "2024-02-29 00:00:00.000001+00"};
    EXPECT_EQ(list, expected);
}

TEST(Parameters, TravelAsText)
{
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
    const auto list = make_parameters(
        true, 42, 1.5, "text", std::string_view("view"), std::optional<int>(), nullptr,
        *timestamp::parse("2024-12-01 12:00:00"), json::object{{"a", 1}}, bytes);
    const parameter_list expected{
        "true",       "42",         "1.5",        "text",
        "view",       std::nullopt, std::nullopt, "2024-12-01 12:00:00.000000+00",
        R"({"a":1})", "\\x00ff"};
    EXPECT_EQ(list, expected);
}

TEST(Errors, HaveTheClassOfTheirSqlstate)
{
    const auto thrower = [](const char* sqlstate, const char* message = "m") {
        return [=] { throw_error({.sqlstate = sqlstate, .message = message}); };
    };
    EXPECT_THROW(thrower("23505")(), unique_violation);
    EXPECT_THROW(thrower("23503")(), foreign_key_violation);
    EXPECT_THROW(thrower("23502")(), not_null_violation);
    EXPECT_THROW(thrower("23514")(), check_violation);
    EXPECT_THROW(thrower("23P01")(), constraint_violation);
    EXPECT_THROW(thrower("40001")(), serialization_failure);
    EXPECT_THROW(thrower("42501")(), insufficient_privilege);
    EXPECT_THROW(thrower("0A000")(), feature_not_supported);
    EXPECT_THROW(thrower("54000")(), limit_exceeded);
    EXPECT_THROW(thrower("22001")(), string_too_long);
    EXPECT_THROW(thrower("28000")(), access_denied);
    EXPECT_THROW(thrower("08006", "unable to accept connection, access denied")(), access_denied);
    EXPECT_THROW(thrower("08P01", "unable to accept connection, access denied")(), access_denied);
    EXPECT_THROW(thrower("57P01")(), connection_error);
    EXPECT_THROW(thrower("08P01", "invalid message length")(), connection_error);
    EXPECT_THROW(thrower("42P18")(), usage_error);
    EXPECT_THROW(thrower("42883")(), usage_error);
    EXPECT_THROW(thrower("XX000")(), error);
    try {
        thrower("28000", "unable to accept connection, access denied")();
    } catch (const access_denied& failure) { // DSQL gives no hint then
        EXPECT_STREQ(failure.what(),
                     "unable to accept connection, access denied (the function's IAM role is not "
                     "mapped to this database role: deploy again)");
    }
    try {
        thrower("42P01", "relation \"users\" does not exist")();
    } catch (const undefined_table& failure) {
        EXPECT_STREQ(failure.what(),
                     "relation \"users\" does not exist (was the schema initialised?)");
    }
}

TEST(Messages, AreFoundOnceComplete)
{
    const std::string ready("Z\0\0\0\5I", 6);
    EXPECT_FALSE(first_message(""));
    EXPECT_FALSE(first_message(ready.substr(0, 5)));
    EXPECT_EQ(first_message(ready + "more")->body, "I");
    EXPECT_THROW(first_message(std::string("Z\0\0\0\3", 5)), connection_error);
    EXPECT_THROW(first_message("Z\x7f\xff\xff\xff"), connection_error);
}

TEST(Messages, ThatAreCutShortAreRefused)
{
    result rows;
    rows.columns.resize(1);
    EXPECT_THROW(add_data_row(std::string("\0\1\0\0\0\5ab", 8), rows), connection_error);
    EXPECT_THROW(row_description(std::string("\0\1name", 6)), connection_error);
    EXPECT_THROW(error_response("Mno end"), connection_error);
}

TEST(Messages, CommandTagsCountRows)
{
    EXPECT_EQ(affected_rows(std::string("INSERT 0 3\0", 11)), 3U);
    EXPECT_EQ(affected_rows(std::string("DELETE 12\0", 10)), 12U);
    EXPECT_EQ(affected_rows(std::string("COPY 3000\0", 10)), 3000U);
    EXPECT_EQ(affected_rows(std::string("SELECT 5\0", 9)), 0U);
    EXPECT_EQ(affected_rows(std::string("CREATE TABLE\0", 13)), 0U);
}

} // namespace
} // namespace nimbus::sql::detail

#include "sql/pg_messages.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <nimbus/sql.hpp>
#include <nimbus/uuid.hpp>

namespace nimbus::sql::detail {
namespace {

struct Row {
    std::int64_t id = 0;
    std::string name;
    std::optional<double> price;
};
BOOST_DESCRIBE_STRUCT(Row, (), (id, name, price))

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
    EXPECT_EQ(affected_rows(std::string("SELECT 5\0", 9)), 0U);
    EXPECT_EQ(affected_rows(std::string("CREATE TABLE\0", 13)), 0U);
}

} // namespace
} // namespace nimbus::sql::detail

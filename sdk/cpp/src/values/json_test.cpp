#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <map>
#include <nimbus/json.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>
#include <vector>

namespace {

struct Item {
    std::string name;
    int count = 0;
    bool operator==(const Item&) const = default;
};
struct Order {
    nimbus::uuid id;
    std::vector<Item> items;
    std::optional<std::string> note;
    std::map<std::string, double> prices;
    bool operator==(const Order&) const = default;
};
BOOST_DESCRIBE_STRUCT(Item, (), (name, count))
BOOST_DESCRIBE_STRUCT(Order, (), (id, items, note, prices))

using nimbus::from_json;
using nimbus::parse_json_text;
using nimbus::to_json;

std::string failure_of(auto&& call)
{
    try {
        call();
    } catch (const nimbus::json_error& failure) {
        return failure.what();
    }
    return "no failure";
}

template <class T>
std::string mismatch(std::string_view text)
{
    return failure_of([&] { from_json<T>(parse_json_text(text)); });
}

TEST(Json, DescribedStructsGoThereAndBack)
{
    const Order order{nimbus::uuid("550e8400-e29b-41d4-a716-446655440000"),
                      {{"tea", 2}, {"milk", 1}},
                      std::nullopt,
                      {{"tea", 1.5}}};

    const auto json = to_json(order);

    EXPECT_EQ(boost::json::serialize(json),
              R"({"id":"550e8400-e29b-41d4-a716-446655440000",)"
              R"("items":[{"name":"tea","count":2},{"name":"milk","count":1}],)"
              R"("note":null,"prices":{"tea":1.5E0}})");
    EXPECT_EQ(from_json<Order>(json), order);
}

TEST(Json, OptionalFieldsMayBeAbsent)
{
    const auto order = from_json<Order>(parse_json_text(
        R"({"id":"550e8400-e29b-41d4-a716-446655440000","items":[],"prices":{},"more":1})"));
    EXPECT_FALSE(order.note);
}

TEST(Json, MismatchesNameTheField)
{
    EXPECT_EQ(mismatch<Item>(R"({"name":"tea"})"), "count is required");
    EXPECT_EQ(mismatch<Item>(R"({"name":5,"count":1})"), "name must be a string, not a number");
    EXPECT_EQ(mismatch<Item>(R"([])"), "the JSON value must be an object, not an array");
    EXPECT_EQ(mismatch<Order>(R"({"id":"x"})"), "id must be a UUID");
    EXPECT_EQ(mismatch<Order>(R"({"id":"550e8400-e29b-41d4-a716-446655440000",)"
                              R"("items":[{"name":"a","count":1},{"name":"b","count":"2"}]})"),
              "items[1].count must be an integer");
}

TEST(Json, IntegersStayInRange)
{
    EXPECT_EQ(from_json<int>(parse_json_text("3.0")), 3);
    EXPECT_EQ(mismatch<int>("3.5"), "the JSON value must be an integer, not a number");
    EXPECT_EQ(mismatch<int>("3000000000"), "the JSON value is out of range");
    EXPECT_EQ(mismatch<std::uint8_t>("-1"), "the JSON value is out of range");
    EXPECT_EQ(mismatch<std::int64_t>("18446744073709551615"), "the JSON value is out of range");
}

TEST(Json, MalformedTextSaysWhere)
{
    const auto message = failure_of([] { parse_json_text("{\n  oops"); });
    EXPECT_NE(message.find("line 2"), std::string::npos) << message;
}

TEST(Json, BracedListsTakeEveryMappedType)
{
    const std::vector<Item> items{{"tea", 2}};
    EXPECT_EQ(boost::json::serialize(nimbus::object(
                  {{"count", items.size()}, {"items", items}, {"tags", {"a", "b"}}})),
              R"({"count":1,"items":[{"name":"tea","count":2}],"tags":["a","b"]})");
}

} // namespace

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <map>
#include <nimbus/decimal.hpp>
#include <nimbus/interval.hpp>
#include <nimbus/json.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>
#include <unordered_map>
#include <variant>
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

enum class Status { open, closed };
BOOST_DESCRIBE_ENUM(Status, open, closed)

struct Page {
    int limit = 20;
    std::string order = "name";
    bool descending = true;
    std::vector<std::string> tags{"new"};
    Status status = Status::closed;
    std::optional<int> offset = 5;
};
BOOST_DESCRIBE_STRUCT(Page, (), (limit, order, descending, tags, status, offset))

struct Address {
    std::string city;
    std::string country = "DE";
};
struct Customer {
    Address home;
    Page page;
};
BOOST_DESCRIBE_STRUCT(Address, (), (city, country))
BOOST_DESCRIBE_STRUCT(Customer, (), (home, page))

struct Card {
    std::string number;
};
struct Transfer {
    std::string iban;
};
BOOST_DESCRIBE_STRUCT(Card, (), (number))
BOOST_DESCRIBE_STRUCT(Transfer, (), (iban))
using Payment = std::variant<std::monostate, int, Card, Transfer>;

struct Circle {
    int radius = 0;
};
struct Square {
    int side = 0;
    std::string colour = "red";
};
BOOST_DESCRIBE_STRUCT(Circle, (), (radius))
BOOST_DESCRIBE_STRUCT(Square, (), (side, colour))
using Shape = std::variant<Circle, Square>;

struct Change {
    std::optional<std::optional<std::string>> note;
};
BOOST_DESCRIBE_STRUCT(Change, (), (note))

struct Times {
    std::chrono::sys_time<std::chrono::microseconds> at;
    std::chrono::local_time<std::chrono::microseconds> alarm;
    std::chrono::year_month_day day;
    std::chrono::hh_mm_ss<std::chrono::microseconds> opens;
    std::chrono::minutes takes;
};
BOOST_DESCRIBE_STRUCT(Times, (), (at, alarm, day, opens, takes))

} // namespace

template <>
struct nimbus::json_tag<Shape> {
    static constexpr std::string_view member = "type";
    static constexpr std::array<std::string_view, 2> names{"circle", "square"};
};

namespace {

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

TEST(Json, NumbersThatTheirTypeCannotHoldAreOutOfRange)
{
    EXPECT_EQ(mismatch<Item>(R"({"name":"a","count":1e300})"), "count is out of range");
    EXPECT_EQ(mismatch<std::int64_t>("18446744073709551616"), "the JSON value is out of range");
    EXPECT_EQ(mismatch<std::vector<float>>("[1, 1e39]"), "[1] is out of range");
    EXPECT_EQ(mismatch<Order>(R"({"prices":{"tea":1e400}})"), "prices.tea is out of range");
    EXPECT_EQ(mismatch<boost::json::value>("[{\"a\": -1e400}]"), "[0].a is out of range");
    EXPECT_EQ(from_json<double>(parse_json_text("1e308")), 1e308);
    EXPECT_NE(mismatch<double>("NaN").find("is not valid JSON"), std::string::npos);
}

TEST(Json, EnumerationsAreTheirNames)
{
    EXPECT_EQ(to_json(Status::closed), "closed");
    EXPECT_EQ(from_json<Status>("open"), Status::open);
    EXPECT_EQ(mismatch<Page>(R"({"status":"shut"})"), "status must be one of open, closed");
    EXPECT_EQ(mismatch<Page>(R"({"status":1})"),
              "status must be one of open, closed, not a number");
    EXPECT_THROW(to_json(static_cast<Status>(7)), std::invalid_argument);
}

TEST(Json, AbsentFieldsTakeTheMembersInitialiser)
{
    const auto page = from_json<Page>(parse_json_text("{}"));
    EXPECT_EQ(page.limit, 20);
    EXPECT_EQ(page.order, "name");
    EXPECT_TRUE(page.descending);
    EXPECT_EQ(page.tags, std::vector<std::string>{"new"});
    EXPECT_EQ(page.status, Status::closed);
    EXPECT_EQ(page.offset, 5);

    const auto other = from_json<Page>(parse_json_text(
        R"({"limit":1,"order":"","descending":false,"tags":[],"status":"open","offset":null})"));
    EXPECT_EQ(other.limit, 1);
    EXPECT_EQ(other.order, "");
    EXPECT_FALSE(other.descending);
    EXPECT_TRUE(other.tags.empty());
    EXPECT_EQ(other.status, Status::open);
    EXPECT_FALSE(other.offset);
    EXPECT_EQ(mismatch<Page>(R"({"limit":null})"), "limit must be an integer, not null");
}

TEST(Json, AStructMayBeAbsentWhenAllOfItMay)
{
    EXPECT_EQ(mismatch<Customer>(R"({})"), "home is required");
    const auto customer = from_json<Customer>(parse_json_text(R"({"home":{"city":"Ulm"}})"));
    EXPECT_EQ(customer.home.country, "DE");
    EXPECT_EQ(customer.page.limit, 20);
}

TEST(Json, AllFieldsMayBeAbsentWhereThatIsChosen)
{
    const auto item = from_json<Item>(parse_json_text("{}"), {.default_absent_fields = true});
    EXPECT_EQ(item, Item{});
}

TEST(Json, UnknownFieldsAreErrorsWhereThatIsChosen)
{
    const auto strict = [](std::string_view text) {
        return failure_of(
            [&] { from_json<Customer>(parse_json_text(text), {.reject_unknown_fields = true}); });
    };
    EXPECT_EQ(strict(R"({"home":{"city":"Ulm"}})"), "no failure");
    EXPECT_EQ(strict(R"({"home":{"city":"Ulm","zip":"89073"}})"), "home.zip is not a known field");
    EXPECT_EQ(strict(R"({"home":{"city":"Ulm"},"":1})"), "\"\" is not a known field");
}

TEST(Json, VariantsAreTheFirstAlternativeThatFits)
{
    const auto read = [](std::string_view text) {
        return from_json<Payment>(parse_json_text(text));
    };
    EXPECT_EQ(read("null").index(), 0U);
    EXPECT_EQ(std::get<int>(read("5")), 5);
    EXPECT_EQ(std::get<Card>(read(R"({"number":"4711"})")).number, "4711");
    EXPECT_EQ(std::get<Transfer>(read(R"({"iban":"DE02"})")).iban, "DE02");
    EXPECT_EQ(to_json(Payment(Transfer{"DE02"})), parse_json_text(R"({"iban":"DE02"})"));
    EXPECT_EQ(to_json(Payment()), nullptr);
    EXPECT_EQ((mismatch<std::map<std::string, std::variant<int, Card>>>(R"({"a":{"iban":1}})")),
              "a fits none of its alternatives: a must be an integer, not an object; a.number is "
              "required");
}

TEST(Json, TaggedVariantsAreWhatTheirMemberSays)
{
    const auto read = [](std::string_view text) {
        return from_json<std::vector<Shape>>(parse_json_text(text),
                                             {.reject_unknown_fields = true});
    };
    const auto shapes =
        read(R"([{"radius":5,"type":"circle"},{"type":"square","side":2,"colour":"blue"}])");
    EXPECT_EQ(std::get<Circle>(shapes.at(0)).radius, 5);
    EXPECT_EQ(std::get<Square>(shapes.at(1)).colour, "blue");
    EXPECT_EQ(to_json(shapes), parse_json_text(R"([{"type":"circle","radius":5},
                                  {"type":"square","side":2,"colour":"blue"}])"));
    const auto refused = [&](std::string_view text) { return failure_of([&] { read(text); }); };
    EXPECT_EQ(refused(R"([{"radius":5}])"), "[0].type is required");
    EXPECT_EQ(refused(R"([{"type":"cube"}])"), "[0].type must be one of circle, square");
    EXPECT_EQ(refused(R"([{"type":1}])"), "[0].type must be one of circle, square, not a number");
    EXPECT_EQ(refused(R"([{"type":"square"}])"), "[0].side is required");
    EXPECT_EQ(refused(R"([{"type":"circle","radius":1,"side":2}])"),
              "[0].side is not a known field");
    EXPECT_EQ(refused("[5]"), "[0] must be an object, not a number");
}

TEST(Json, MapsHaveKeysThatAreText)
{
    using Counts = std::unordered_map<Status, int>;
    EXPECT_EQ(from_json<Counts>(parse_json_text(R"({"open":1,"closed":2})")),
              (Counts{{Status::open, 1}, {Status::closed, 2}}));
    EXPECT_EQ(to_json(std::map<int, std::string>{{-1, "a"}}), parse_json_text(R"({"-1":"a"})"));
    EXPECT_EQ((from_json<std::map<int, int>>(parse_json_text(R"({"7":1})"))),
              (std::map<int, int>{{7, 1}}));
    EXPECT_EQ((mismatch<std::map<int, int>>(R"({"x":1})")),
              "x is in the place of a key, which must be an integer");
}

TEST(Json, NestedOptionalsTellNullFromAbsent)
{
    const auto read = [](std::string_view text) {
        return from_json<Change>(parse_json_text(text)).note;
    };
    EXPECT_FALSE(read("{}"));
    ASSERT_TRUE(read(R"({"note":null})"));
    EXPECT_FALSE(*read(R"({"note":null})"));
    EXPECT_EQ(**read(R"({"note":"x"})"), "x");
    EXPECT_EQ(to_json(Change{}), parse_json_text("{}"));
    EXPECT_EQ(to_json(Change{std::optional<std::string>()}), parse_json_text(R"({"note":null})"));
}

TEST(Json, BytesAreBase64)
{
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
    EXPECT_EQ(to_json(bytes), "AP8=");
    EXPECT_EQ(from_json<std::vector<std::byte>>("AP8="), bytes);
    EXPECT_EQ(mismatch<std::vector<std::byte>>(R"("AP8")"), "the JSON value must be base64");
}

TEST(Json, DecimalsAreStringsAndNeverDoubles)
{
    EXPECT_EQ(to_json(nimbus::decimal("12.30")), "12.30");
    EXPECT_EQ(from_json<nimbus::decimal>("12.30").to_string(), "12.30");
    EXPECT_EQ(mismatch<nimbus::decimal>("12.30"),
              "the JSON value must be a decimal such as \"12.30\", not a number");
}

TEST(Json, TimesKeepTheirMicroseconds)
{
    const auto text = R"({"at":"2024-12-01T12:00:00.000250Z","alarm":"2024-12-01T12:00:00.500",)"
                      R"("day":"2024-02-29","opens":"08:30:00.000001","takes":"PT1H30M"})";
    const auto times = from_json<Times>(parse_json_text(text));
    EXPECT_EQ(times.at.time_since_epoch() % std::chrono::seconds{1},
              std::chrono::microseconds{250});
    EXPECT_EQ(times.takes, std::chrono::minutes{90});
    EXPECT_EQ(to_json(times), parse_json_text(text));
}

TEST(Json, TimesThatDoNotFitSayWhatWould)
{
    EXPECT_EQ(mismatch<std::chrono::seconds>(R"("PT0.5S")"),
              "the JSON value must be a duration such as PT1H30M");
    EXPECT_EQ(mismatch<std::chrono::local_seconds>(R"("2024-12-01T12:00:00Z")"),
              "the JSON value must be a timestamp");
    EXPECT_EQ(mismatch<std::chrono::sys_days>(R"("2024-02-30")"), "the JSON value must be a date");
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

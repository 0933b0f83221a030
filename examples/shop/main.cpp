#include <nimbus/nimbus.hpp>
#include <variant>

enum class Status { sold_out, in_stock };
BOOST_DESCRIBE_ENUM(Status, sold_out, in_stock)

struct Details { // a jsonb column
    std::string maker;
    std::vector<std::string> colours;
};
struct NewItem {
    std::string name;
    nimbus::decimal price;
    Status status = Status::in_stock;
    std::optional<Details> details;
    std::chrono::minutes delivery = std::chrono::hours{48}; // an interval column
};
struct Item {
    nimbus::uuid id;
    std::string name;
    nimbus::decimal price;
    Status status;
    std::optional<Details> details;
    std::chrono::minutes delivery;
    std::chrono::sys_time<std::chrono::microseconds> added_at;
};
BOOST_DESCRIBE_STRUCT(Details, (), (maker, colours))
BOOST_DESCRIBE_STRUCT(NewItem, (), (name, price, status, details, delivery))
BOOST_DESCRIBE_STRUCT(Item, (), (id, name, price, status, details, delivery, added_at))

struct Pickup {
    std::string branch;
};
struct Parcel {
    std::string address;
};
BOOST_DESCRIBE_STRUCT(Pickup, (), (branch))
BOOST_DESCRIBE_STRUCT(Parcel, (), (address))

using Delivery = std::variant<Pickup, Parcel>;

template <>
struct nimbus::json_tag<Delivery> {
    static constexpr std::string_view member = "by";
    static constexpr std::array<std::string_view, 2> names{"pickup", "parcel"};
};

int main(int argc, char** argv)
{
    namespace sql = nimbus::sql;
    nimbus::app app{{.project_name = "shop", .region = "us-east-1"}};
    auto db = app.sql({.name = "shop-db", .deletion_protection = false});
    auto api = app.api({.name = "shop-api", .function = "shop"});

    api.route("POST", "/init", [=](const nimbus::request&) {
        db.execute("CREATE TABLE IF NOT EXISTS items (id uuid PRIMARY KEY DEFAULT "
                   "gen_random_uuid(), name text NOT NULL, price numeric(12, 2) NOT NULL CHECK "
                   "(price >= 0), status text NOT NULL, details jsonb, delivery interval NOT NULL, "
                   "added_at timestamptz NOT NULL DEFAULT now())");
        return nimbus::no_content();
    });

    api.route("POST", "/items", [=](const nimbus::request& req) {
        const auto in = req.json<NewItem>({.reject_unknown_fields = true});
        return nimbus::created(db.insert<Item>("items", std::vector{in}).front());
    });

    api.route("GET", "/items", [=](const nimbus::request& req) {
        const auto status = req.query<Status>("status", Status::in_stock);
        return nimbus::ok(
            db.query<Item>("SELECT * FROM items WHERE status = $1 ORDER BY name", status));
    });

    api.route("POST", "/items/find", [=](const nimbus::request& req) {
        const auto ids = req.json<std::vector<nimbus::uuid>>();
        return nimbus::ok(
            db.query<Item>("SELECT * FROM items WHERE id = ANY($1) ORDER BY name", ids));
    });

    api.route("POST", "/deliveries/price", [=](const nimbus::request& req) {
        const auto delivery = req.json<Delivery>();
        const bool is_free = std::holds_alternative<Pickup>(delivery);
        return nimbus::ok(
            {{"delivery", delivery}, {"price", nimbus::decimal(is_free ? "0" : "4.90")}});
    });

    api.route("POST", "/import", [=](const nimbus::request& req) {
        const auto items = req.json<std::vector<NewItem>>();
        return nimbus::ok({{"inserted", db.insert("items", items)}});
    });

    api.route("GET", "/export", [=](const nimbus::request&) {
        std::string lines;
        db.query_each<std::tuple<std::string, nimbus::decimal>>(
            [&](const auto& row) {
                const auto& [name, price] = row;
                lines += name + ";" + price.to_string() + "\n";
            },
            "SELECT name, price FROM items ORDER BY name");
        return nimbus::text(lines);
    });

    api.route("GET", "/report", [=](const nimbus::request&) {
        const auto [count, total, newest] = db.pipeline(
            sql::query_value<std::int64_t>("SELECT count(*) FROM items"),
            sql::query_value<std::optional<nimbus::decimal>>("SELECT sum(price) FROM items"),
            sql::query_optional<Item>("SELECT * FROM items ORDER BY added_at DESC LIMIT 1"));
        return nimbus::ok({{"count", count}, {"total", total}, {"newest", newest}});
    });

    api.route("POST", "/items/{id}/sell", [=](const nimbus::request& req) {
        const auto id = req.param<nimbus::uuid>("id");
        return db.transaction([&](sql::transaction& tx) {
            if (tx.attempt() > 1)
                req.log().info("selling once more", {{"attempt", tx.attempt()}});
            const auto status =
                tx.query_optional<Status>("SELECT status FROM items WHERE id = $1", id);
            if (status != Status::in_stock)
                return nimbus::conflict("The item is not in stock");
            tx.execute("UPDATE items SET status = $1 WHERE id = $2", Status::sold_out, id);
            return nimbus::no_content();
        });
    });

    return app.run(argc, argv);
}

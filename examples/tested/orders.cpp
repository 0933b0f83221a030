#include "orders.hpp"

struct NewOrder {
    std::string item;
    int count;
};
BOOST_DESCRIBE_STRUCT(NewOrder, (), (item, count))

struct Order {
    nimbus::uuid id;
    std::string item;
    int count;
    bool shipped;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, item, count, shipped))

nimbus::sql::database declare_orders(nimbus::app& app)
{
    auto db =
        app.sql({.name = "main-db", .deletion_protection = false, .migrations = "migrations"});
    auto key = app.secret({.name = "carrier-key"});
    auto api = app.api({.name = "orders-api"});

    api.route("POST", "/orders", [=](const nimbus::request& req) {
        const auto in = req.json<NewOrder>();
        try {
            return nimbus::created(db.query_one<Order>(
                "INSERT INTO orders (item, count) VALUES ($1, $2) RETURNING *", in.item, in.count));
        } catch (const nimbus::sql::unique_violation&) {
            return nimbus::conflict("There is an order of it");
        }
    });

    api.route("GET", "/orders",
              [=] { return nimbus::ok(db.query<Order>("SELECT * FROM orders ORDER BY item")); });

    app.timer({.name = "ship", .schedule = "rate(1 hour)"}, [=] {
        if (key.value().empty())
            return std::uint64_t{0};
        return db.execute("UPDATE orders SET shipped = true WHERE NOT shipped");
    });
    return db;
}

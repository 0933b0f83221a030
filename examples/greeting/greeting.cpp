#include "greeting.hpp"

struct Order {
    std::string drink;
    int cups;
};
BOOST_DESCRIBE_STRUCT(Order, (), (drink, cups))

void declare_greeting(nimbus::app& app)
{
    auto api = app.api({.name = "greeting-api"});

    api.route("GET", "/hello/{name}", [](const nimbus::request& req) {
        const auto greeting = req.query<std::string>("greeting", "Hello");
        return nimbus::ok({{"message", greeting + ", " + std::string(req.param("name"))}});
    });

    api.route("POST", "/orders", [](const nimbus::request& req) {
        const auto order = req.json<Order>();
        if (order.cups < 1)
            return nimbus::bad_request("Order at least one cup");
        return nimbus::created(order);
    });
}

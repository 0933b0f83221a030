#include <nimbus/nimbus.hpp>

struct Product {
    std::int64_t id = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Product, (), (id, name))

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "previews", .region = "us-east-1"}};
    auto db = app.sql({.name = "shop-db",
                       .deletion_protection = false,
                       .cluster = "team-db",
                       .migrations = "migrations",
                       .seed = "seed.sql"});
    auto api = app.api({.name = "products-api"});

    api.route("GET", "/products", [=] {
        return nimbus::ok(db.query<Product>("SELECT id, name FROM products ORDER BY id"));
    });

    return app.run(argc, argv);
}

#include <nimbus/nimbus.hpp>

struct User {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, email))

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "migrations", .region = "us-east-1"}};
    auto db =
        app.sql({.name = "main-db", .deletion_protection = false, .migrations = "migrations"});
    auto api = app.api({.name = "users-api"});

    api.route("GET", "/users", [=] {
        return nimbus::ok(db.query<User>("SELECT id, name, email FROM users ORDER BY id"));
    });

    return app.run(argc, argv);
}

#include <nimbus/nimbus.hpp>

struct Entry {
    std::string name, message;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (name, message))

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "guestbook", .region = "us-east-1"}};
    auto db = app.sql({.name = "main-db", .schema = "guestbook", .deletion_protection = false});
    auto api = app.api({.name = "guestbook-api"});

    api.route("POST", "/init", [=] {
        db.execute("CREATE TABLE IF NOT EXISTS entries (name text PRIMARY KEY, message text)");
        return nimbus::no_content();
    });
    api.route("POST", "/entries", [=](const nimbus::request& req) {
        const auto entry = req.json<Entry>(); // malformed: 400 that says which field
        db.execute("INSERT INTO entries VALUES ($1, $2)", entry.name, entry.message);
        return nimbus::created(entry);
    });
    api.route("GET", "/entries", [=] {
        return nimbus::ok(db.query<Entry>("SELECT name, message FROM entries ORDER BY name"));
    });

    return app.run(argc, argv);
}

#include "notes.hpp"

struct NewNote {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(NewNote, (), (text))

struct Note {
    nimbus::uuid id;
    std::string text;
    nimbus::timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(Note, (), (id, text, created_at))

void declare_notes(nimbus::app& app)
{
    // Set deletion_protection to true before there is data that matters: then even
    // `nimbus destroy --force` keeps it.
    auto db =
        app.sql({.name = "main-db", .deletion_protection = false, .migrations = "migrations"});
    auto api = app.api({.name = "notes-api"});

    api.route("GET", "/hello/{name}", [](const nimbus::request& req) {
        return nimbus::ok({{"hello", req.param("name")}});
    });

    api.route("POST", "/notes", [=](const nimbus::request& req) {
        const auto note = req.json<NewNote>(); // malformed: 400 that says which field
        if (note.text.empty())
            return nimbus::bad_request("The text is empty");
        return nimbus::created(
            db.query_one<Note>("INSERT INTO notes (text) VALUES ($1) RETURNING *", note.text));
    });

    api.route("GET", "/notes", [=] {
        return nimbus::ok(db.query<Note>("SELECT * FROM notes ORDER BY created_at DESC LIMIT 100"));
    });
}

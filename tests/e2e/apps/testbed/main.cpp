// The application that most end-to-end tests deploy. It declares whatever manifest.json beside it
// says, so that a test can declare anything, and serves one route for each way a handler can
// behave.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nimbus/nimbus.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

int describe(const std::string& out)
{
    const std::filesystem::path manifest = NIMBUS_TESTBED_MANIFEST;
    std::filesystem::copy_file(manifest, out, std::filesystem::copy_options::overwrite_existing);
    return 0;
}

nimbus::response environment()
{
    nimbus::json::object variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return nimbus::ok(nimbus::json::value(std::move(variables)));
}

} // namespace

int main(int argc, char** argv)
{
    if (const char* out = std::getenv("NIMBUS_MANIFEST_OUT"))
        return describe(out);

    nimbus::app app{{.project_name = "testbed", .region = "us-east-1"}};
    auto db = app.sql({.name = "main-db", .schema = "testbed"});
    auto api = app.api({.name = "testbed-api"});

    api.route("GET", "/ping", [] { return nimbus::text("pong"); });
    api.route("GET", "/pid", [] { return nimbus::ok({{"pid", getpid()}}); });
    api.route("GET", "/environment", [] { return environment(); });
    api.route("ANY", "/event", [](const nimbus::request& req) {
        return nimbus::ok(nimbus::json::value(req.raw_event()));
    });
    api.route("ANY", "/event/{name}", [](const nimbus::request& req) {
        return nimbus::ok(nimbus::json::value(req.raw_event()));
    });
    api.route("ANY", "/event/files/{path+}", [](const nimbus::request& req) {
        return nimbus::ok(nimbus::json::value(req.raw_event()));
    });
    api.route("POST", "/echo", [](const nimbus::request& req) {
        return nimbus::binary(req.body(), "application/octet-stream");
    });
    api.route("GET", "/logs", [](const nimbus::request& req) {
        req.log().info("a line for " + std::string(req.query("mark").value_or("nobody")));
        return nimbus::no_content();
    });
    api.route("GET", "/throws",
              []() -> nimbus::response { throw std::runtime_error("thrown on purpose"); });
    api.route("GET", "/exits", []() -> nimbus::response { std::_Exit(3); });
    api.route("GET", "/crashes", []() -> nimbus::response { std::abort(); });
    api.route("GET", "/hangs", [] {
        std::this_thread::sleep_for(std::chrono::hours(1));
        return nimbus::ok();
    });

    // Runs the SQL in the body as the function's own database role.
    api.route("POST", "/sql", [=](const nimbus::request& req) {
        try {
            nimbus::json::array rows;
            for (auto& row : db.query<nimbus::json::object>(req.body()))
                rows.emplace_back(std::move(row));
            return nimbus::ok({{"rows", rows}});
        } catch (const nimbus::sql::error& failure) {
            return nimbus::reply(500,
                                 {{"sqlstate", failure.sqlstate()}, {"error", failure.what()}});
        }
    });

    return app.run(argc, argv);
}

#include <nimbus/nimbus.hpp>
#include <string>

// What a route says of a request that it answers.
nimbus::response said(const nimbus::request& req, const std::string& words)
{
    req.log().info(words);
    return nimbus::ok({{"route", req.route()}, {"method", req.method()}, {"said", words}});
}

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "shared-function", .region = "us-east-1"}};

    // All routes of this API that name no other function are the function "users".
    auto api = app.api({.name = "users-api", .function = "users"});

    api.route("GET", "/users/{id}",
              [](const nimbus::request& req) {
                  return said(req, "user " + std::string(req.param("id")));
              },
              {.memory_size = 512});
    api.route("POST", "/users",
              [](const nimbus::request& req) { return said(req, "new user " + req.body()); });
    api.route("OPTIONS", "/users",
              [](const nimbus::request& req) { return said(req, "GET and POST"); });
    api.route("ANY", "/files/{path+}", [](const nimbus::request& req) {
        return said(req, "file " + std::string(req.param("path")));
    });
    api.route("HEAD", "/files/{path+}", [](const nimbus::request& req) {
        return nimbus::no_content().header("x-said", std::string(req.param("path")));
    });
    api.route("ANY", "$default",
              [](const nimbus::request& req) { return said(req, "nothing here"); });

    // This one may take long, so it has a function with a timeout of its own.
    api.route("POST", "/reports", [](const nimbus::request& req) { return said(req, "report"); },
              {.function = "reports", .timeout = 29});

    return app.run(argc, argv);
}

#include <nimbus/nimbus.hpp>

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "hello", .region = "us-east-1"}};
    auto api = app.api({.name = "hello-api"});

    api.route("GET", "/hello/{name}", [](const nimbus::request& req) {
        return nimbus::ok({{"hello", req.param("name")}});
    });

    return app.run(argc, argv);
}

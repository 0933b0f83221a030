#include <nimbus/nimbus.hpp>

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "pages", .region = "us-east-1", .files = {"views/**"}}};
    auto api = app.api({.name = "pages-api"});

    api.route("GET", "/pages/about", [](const nimbus::request&) {
        return nimbus::html(nimbus::asset("views/about.html"));
    });

    return app.run(argc, argv);
}

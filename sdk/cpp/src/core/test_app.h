#pragma once

#include "base/file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nimbus/app.hpp>
#include <string>

namespace nimbus::detail {

/// Sets a variable of the environment for one test.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name)
    {
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

/// What `app` says of itself when a deployment asks.
struct Description {
    int exit_code = 0;
    json::value manifest;
    json::value places;
};

inline Description describe(app& app)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "manifest.json";
    const Variable out("NIMBUS_MANIFEST_OUT", path.string());
    Description description{app.run(0, nullptr), nullptr, nullptr};
    if (description.exit_code == 0) {
        description.manifest = parse_json_text(read_file(path));
        description.places = parse_json_text(read_file(path.string() + ".places"));
    }
    return description;
}

inline app make_app()
{
    return app{{.project_name = "demo", .region = "us-east-1"}};
}

} // namespace nimbus::detail

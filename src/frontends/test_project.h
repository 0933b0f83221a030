#pragma once

#include "base/architecture.h"
#include "base/error.h"
#include "base/file.h"
#include "frontends/application.h"

#include <string>
#include <vector>

/// For the tests of front ends: a project directory, and a prefix whose libnimbus is empty, so that
/// programs of a few lines stand for applications.
namespace nimbus::frontends {

inline std::string manifest_text(const std::string& project = "shop",
                                 const std::string& architecture = std::string(host_architecture))
{
    return R"({"version": 1, "project": ")" + project +
           R"(", "region": "us-east-1", "runtime": "provided.al2023", "architecture": ")" +
           architecture + "\"}";
}

/// A program in C++ that describes itself with that text, in `lines` before main.
inline std::string program_text(const std::string& lines = "",
                                const std::string& manifest = manifest_text())
{
    return lines + R"(
#include <stdio.h>
#include <stdlib.h>
int main()
{
    FILE* out = fopen(getenv("NIMBUS_MANIFEST_OUT"), "w");
    fputs(R"__()" +
           manifest + R"()__", out);
    return fclose(out);
}
)";
}

/// Of an application for one architecture.
inline const Package& package_of(const BuiltApplication& application)
{
    return application.packages.begin()->second;
}

class TestProject {
public:
    TestProject()
    {
        make_directories(prefix() / "lib" / "nimbus");
        make_directories(prefix() / "include");
        make_directories(directory());
        write_file(prefix() / "lib" / "libnimbus.a", "!<arch>\n"); // an archive without members
        write_file(prefix() / "lib" / "nimbus" / "compile-flags",
                   "-std=c++20 -I@PREFIX@/include\n");
        write_file(prefix() / "lib" / "nimbus" / "link-flags",
                   "-static -s -L@PREFIX@/lib -lnimbus\n");
    }

    std::filesystem::path directory() const { return temporary_.path() / "project"; }
    /// With a blank in it, as in some people's home directories.
    std::filesystem::path prefix() const { return temporary_.path() / "the prefix"; }

    void write(const std::string& name, const std::string& content, mode_t mode = 0644)
    {
        make_directories((directory() / name).parent_path());
        write_file(directory() / name, content, mode);
    }

    BuiltApplication load(const std::string& name = "",
                          LoadOptions::Place place = LoadOptions::Place::lambda)
    {
        steps.clear();
        tool_output.clear();
        LoadOptions options;
        options.place = place;
        options.prefix = prefix();
        options.progress = [this](std::string_view step) { steps.emplace_back(step); };
        options.tool_output = [this](std::string_view text) { tool_output += text; };
        return load_application(directory() / name, options);
    }

    /// What load throws.
    std::string failure(const std::string& name = "")
    {
        try {
            load(name);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    std::vector<std::string> steps;
    std::string tool_output;

private:
    TemporaryDirectory temporary_;
};

} // namespace nimbus::frontends

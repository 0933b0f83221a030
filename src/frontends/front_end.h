#pragma once

#include "base/architecture.h"
#include "frontends/application.h"
#include "frontends/build_directory.h"
#include "frontends/describe.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace nimbus::frontends {

/// One file of the archive that Lambda unpacks.
struct PackageFile {
    std::string name; ///< in the archive: "bootstrap"
    std::filesystem::path source;
    mode_t mode = 0644;
};

/// What a front end makes of an application's file.
struct Program {
    /// Run with NIMBUS_MANIFEST_OUT, it describes itself. "{code}" stands for a directory with
    /// links to `files` and nothing else above or below, as on Lambda.
    std::vector<std::string> command;
    /// The same, but it waits (DescribingProgram::Command); empty: there is no such command.
    std::vector<std::string> waiting_command{};
    std::vector<PackageFile> files;
    /// Names in the archive that no file of the author's may have, although nothing may be there.
    std::vector<std::string> reserved{};
    /// What Lambda starts itself, checked against the manifest; empty for runtimes of Lambda's own.
    std::filesystem::path bootstrap;
    DescribeHints hints{};
    /// What it was made of, as far as that is known: files, and directories by the names in them.
    std::vector<std::filesystem::path> inputs{};
};

struct BuildRequest {
    std::filesystem::path file; ///< absolute
    const LoadOptions& options;
    /// That the program is to run on: Lambda's name.
    std::string architecture{host_architecture};

    std::filesystem::path directory() const { return file.parent_path(); }
    std::string name() const { return file.filename().string(); }
    bool is_development() const { return options.purpose == LoadOptions::Purpose::development; }
};

/// One way from a file to a program. A new language is a new row in front_ends().
struct FrontEnd {
    std::string_view default_file; ///< what is looked for in a directory; empty: nothing
    bool (*takes)(const std::filesystem::path& file);
    /// What, if it changes, makes an earlier build useless; names the build directory.
    std::string (*build_key)(const BuildRequest& request);
    Program (*build)(const BuildRequest& request, const BuildDirectory& place);
    /// `build` heeds the request's architecture. Else the program is what it is on all of them.
    bool compiles = false;
    /// Told what the program that was built in `place` says of itself. True when that changes what
    /// `build` makes there: then it is built once more. Unset: nothing does.
    bool (*heed)(const Description& description, const BuildDirectory& place) = nullptr;
};

/// In the order in which their default files are looked for.
std::span<const FrontEnd> front_ends();

/// An executable that Lambda starts under the name bootstrap.
Program native_program(const std::filesystem::path& executable);

std::string cmake_build_key(const BuildRequest& request);
Program build_cmake_project(const BuildRequest& request, const BuildDirectory& place);

std::string single_file_build_key(const BuildRequest& request);
Program build_single_file(const BuildRequest& request, const BuildDirectory& place);

std::string script_build_key(const BuildRequest& request);
Program build_script(const BuildRequest& request, const BuildDirectory& place);
bool heed_script(const Description& description, const BuildDirectory& place);

} // namespace nimbus::frontends

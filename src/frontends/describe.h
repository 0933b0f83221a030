#pragma once

#include "base/file.h"
#include "base/unique_fd.h"
#include "frontends/places.h"
#include "process/child_process.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::frontends {

/// The ways out of what may go wrong, in the words of the application's language.
struct DescribeHints {
    std::string_view slow = "Return app.run(argc, argv) from main before anything that takes long.";
    std::string_view failed =
        "It is run with NIMBUS_MANIFEST_OUT set; app.run(argc, argv) answers that.";
    std::string_view silent =
        "Declare a nimbus::app in main and end with return app.run(argc, argv).";
};

struct Description {
    std::string manifest;
    /// Where in the author's files the manifest's parts were declared, by their paths in it; empty
    /// when the program does not tell.
    Places places;
    /// Packages that it named as external, and those that it loaded by names that no bundler sees.
    std::vector<std::string> packages{};
};

/// One run of a program that is asked what it declares. It gets a manifest's path in
/// NIMBUS_MANIFEST_OUT, and writes there, and in files of that name with .places and .packages
/// behind it.
///
/// The program sees of our environment only PATH, HOME, TMPDIR, TZ and the language, so that what
/// it declares does not depend on who deploys it.
class DescribingProgram {
public:
    struct Command {
        /// "{code}" in it stands for `code()`.
        std::vector<std::string> arguments;
        std::filesystem::path directory; ///< it runs there
        /// It does nothing with the application until a byte comes on its standard input.
        bool waits = false;

        bool operator==(const Command&) const = default;
    };

    explicit DescribingProgram(Command command);

    const Command& command() const noexcept { return command_; }
    /// A directory, not there yet, with nothing else above or below: what is described goes there
    /// before a program starts that does not wait, and before `finish` for one that does.
    std::filesystem::path code() const;

    /// `name` is what messages call the application: "main.cpp". Throws Error.
    void start(const std::string& name);
    /// Did it start, and not end yet?
    bool is_running() const;
    /// What it says within `limit` from now on. Once. Throws Error, or UsageError when it found its
    /// own declarations wrong, with what it printed.
    Description finish(const std::string& name, const DescribeHints& hints,
                       std::chrono::milliseconds limit);

private:
    std::filesystem::path manifest() const { return temporary_.path() / "manifest.json"; }

    Command command_;
    TemporaryDirectory temporary_;
    process::ChildProcess child_;
    UniqueFd output_; ///< both of its outputs, in their order
};

/// How long a program may take, unless something else is said.
inline constexpr std::chrono::seconds longest_description{10};

/// Runs `command` in `directory` to its end, without a directory for code.
Description describe(const std::vector<std::string>& command,
                     const std::filesystem::path& directory, const std::string& name,
                     const DescribeHints& hints = {},
                     std::chrono::milliseconds limit = longest_description);

} // namespace nimbus::frontends

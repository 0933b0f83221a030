#pragma once

#include "frontends/places.h"

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

/// Runs `command` in `directory` with NIMBUS_MANIFEST_OUT and returns what it wrote there,
/// and in files of that name with .places and .packages behind it. `name` is what messages call the
/// application: "main.cpp".
///
/// The program sees of our environment only PATH, HOME, TMPDIR, TZ and the language, so that what
/// it declares does not depend on who deploys it. Throws Error, or UsageError when it found its own
/// declarations wrong, with what it printed.
Description describe(const std::vector<std::string>& command,
                     const std::filesystem::path& directory, const std::string& name,
                     const DescribeHints& hints = {},
                     std::chrono::milliseconds limit = std::chrono::seconds(10));

} // namespace nimbus::frontends

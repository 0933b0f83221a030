#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// Runs `command` in `directory` with NIMBUS_MANIFEST_OUT and returns what it wrote there. `name`
/// is what messages call the application: "main.cpp".
///
/// The program sees of our environment only PATH, HOME, TMPDIR, TZ and the language, so that what
/// it declares does not depend on who deploys it. Throws Error, or UsageError when it found its own
/// declarations wrong, with what it printed.
std::string describe(const std::vector<std::string>& command,
                     const std::filesystem::path& directory, const std::string& name,
                     std::chrono::milliseconds limit = std::chrono::seconds(10));

} // namespace nimbus::frontends

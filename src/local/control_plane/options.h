#pragma once

#include "base/time.h"
#include "local/iam/access_control.h"

#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local {

struct ControlPlaneOptions {
    std::string account_id;          ///< 12 digits
    std::string region;              ///< where a function is looked for that is named without one
    std::filesystem::path directory; ///< of objects, zips and the key of secrets; made when missing
    AdministratorKey administrator;
    Clock clock = system_now;
    /// Gets a sentence about what went wrong outside of any request, from any thread.
    std::function<void(const std::string&)> problem = [](const std::string&) {};
};

} // namespace nimbus::local

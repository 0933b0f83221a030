#pragma once

#include "base/log.h"
#include "base/time.h"
#include "local/iam/access_control.h"

#include <filesystem>
#include <string>

namespace nimbus::local {

struct ControlPlaneOptions {
    std::string account_id;          ///< 12 digits
    std::string region;              ///< where a function is looked for that is named without one
    std::filesystem::path directory; ///< of objects, zips and the key of secrets; made when missing
    AdministratorKey administrator;
    Clock clock = system_now;
    Log log{};
};

} // namespace nimbus::local

#pragma once

#include "local/iam/access_control.h"
#include "local/instances/runtimes.h"
#include "local/lambda/function.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nimbus::local {

/// What the environment of an instance is made of.
struct EnvironmentParts {
    const Function& function;
    const Runtime& runtime;
    const AccessKey& credentials;
    const std::filesystem::path& code;
    const std::map<std::string, std::string>& shared; ///< of all functions of the local cloud
    std::string log_stream;
    std::string runtime_api;
};

/// NAME=value of everything that Lambda sets (Lambda Developer Guide, "Defined runtime environment
/// variables"), of `shared`, and of the function's own variables; nothing else. Of equal names the
/// function's own wins, except where Lambda reserves the name.
std::vector<std::string> function_environment(const EnvironmentParts& parts);

} // namespace nimbus::local

#pragma once

#include "cli/databases_of_tests.h"
#include "local/home.h"

#include <map>
#include <string>
#include <vector>

namespace nimbus::cli {

/// What tests find beside their databases: what functions find of the local cloud, their role's
/// credentials, and what Node needs to reach clusters.
std::map<std::string, std::string> test_variables(const local::Home& home,
                                                  const local::HomeSettings& settings,
                                                  const std::string& region,
                                                  const sigv4::Credentials& credentials);

/// Ours with `variables`, and without what says who calls AWS: no test reaches it by mistake.
std::vector<std::string> environment_for_tests(const std::vector<std::string>& ours,
                                               std::map<std::string, std::string> variables);

} // namespace nimbus::cli

#pragma once

#include "cli/dotenv.h"
#include "manifest/manifest.h"

#include <string>
#include <vector>

namespace nimbus::cli {

/// Gives all functions the variables of a .env file that neither the program sets itself nor are
/// the values of secrets that it declares. Those that Lambda or Nimbus sets, or allows for no
/// function, are left out, and returned as sentences that name line and reason.
std::vector<std::string> add_variables(manifest::Manifest& manifest,
                                       const std::vector<DotenvEntry>& entries);

} // namespace nimbus::cli

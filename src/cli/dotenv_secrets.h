#pragma once

#include "aws/client.h"
#include "deploy/outputs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::cli {

/// Gives the deployment's secrets the values that the .env file `file` has for them: STRIPE_KEY is
/// that of stripe-key. Other lines of the file are somebody else's. Functions that may have kept
/// another value get new instances. Returns the names of the secrets that have another value now;
/// none where there is no such file. Throws Error that names the first line that is wrong, and no
/// value.
std::vector<std::string> apply_dotenv(const aws::Client& client, const deploy::Outputs& outputs,
                                      const std::filesystem::path& file);

} // namespace nimbus::cli

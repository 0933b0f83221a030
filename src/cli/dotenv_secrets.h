#pragma once

#include "aws/client.h"
#include "cli/dotenv.h"
#include "deploy/outputs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::cli {

/// What the .env file `file` says; nothing where there is no such file. Throws Error that names the
/// first line that is wrong, and no value.
std::vector<DotenvEntry> read_dotenv(const std::filesystem::path& file);

/// Gives the deployment's secrets the values that `entries` have for them: STRIPE_KEY is that of
/// stripe-key. Functions that may have kept another value get new instances. Returns the names of
/// the secrets that have another value now.
std::vector<std::string> apply_dotenv(const aws::Client& client, const deploy::Outputs& outputs,
                                      const std::vector<DotenvEntry>& entries);

} // namespace nimbus::cli

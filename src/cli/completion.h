#pragma once

#include "cli/command_description.h"

#include <string>

/// Scripts that make a shell complete commands, options, their values and files.
namespace nimbus::cli {

std::string bash_completion(const CommandDescription& program);
std::string fish_completion(const CommandDescription& program);
std::string zsh_completion(const CommandDescription& program);

} // namespace nimbus::cli

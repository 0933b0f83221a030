#pragma once

#include "local/lambda/function.h"
#include "local/services/inputs.h"

#include <map>
#include <string>

/// The checks of what a function is configured with, by CreateFunction and
/// UpdateFunctionConfiguration alike. All throw ServiceError in Lambda's words.
namespace nimbus::local {

/// Takes over what is given; refuses what the local cloud has not, such as layers.
void read_function_settings(const Input& input, Function& function);
std::map<std::string, std::string> checked_tags(const std::map<std::string, std::string>& tags);

} // namespace nimbus::local

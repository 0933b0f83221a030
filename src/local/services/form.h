#pragma once

#include "local/services/service.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading the Query protocol's fields: `Name`, `Tags.member.1.Key`.
namespace nimbus::local {

std::optional<std::string> form_value(const Call& call, std::string_view name);
/// Throws ValidationError when it is missing or empty.
std::string required_form_value(const Call& call, std::string_view name);
/// Throws ValidationError when it is no integer or outside [least, most].
std::optional<int> form_integer(const Call& call, std::string_view name, int least, int most);
/// name.member.1, name.member.2, …
std::vector<std::string> form_list(const Call& call, std::string_view name);

[[noreturn]] void throw_validation_error(const std::string& message);

} // namespace nimbus::local

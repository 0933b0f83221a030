#pragma once

#include "aws/credentials.h"

#include <string>
#include <string_view>

namespace nimbus::aws {

/// Keys and tokens are sent in headers: throws Error that names `what` and where it comes from when
/// a value holds a line end or another control character.
void check_header_value(std::string_view value, const std::string& what, const std::string& origin);

/// The same for all of the keys.
void check_keys(const Credentials& credentials);

/// Does the code of a refusal say, in any service's words, that the key or its token is unknown?
bool is_unknown_key(std::string_view error_code);
/// What to do then about session credentials.
std::string unknown_token_hint(const Credentials& credentials);

} // namespace nimbus::aws

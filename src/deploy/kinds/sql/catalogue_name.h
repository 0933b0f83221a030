#pragma once

#include "base/sql_tokens.h"

#include <string>

namespace nimbus::deploy::sql {

/// A name in a statement as the catalogue has it: "Users" for "\"Users\"", "users" for "Users".
std::string catalogue_name(const SqlToken& token);

} // namespace nimbus::deploy::sql

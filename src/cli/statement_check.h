#pragma once

#include <string>

namespace nimbus::cli {

/// Why DSQL will refuse a statement of that text, with the SQLSTATE, as far as the text alone
/// tells; empty: it may take it. By the rules that the local cloud has.
std::string refusal_of_statement(const std::string& statement);

} // namespace nimbus::cli

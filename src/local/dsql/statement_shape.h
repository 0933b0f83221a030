#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local::dsql {

/// `text` with a placeholder for each of its constants: 'text' and 42 or 4.2, in any number of
/// digits. Texts of one shape have one syntax tree but for the constants' values. Nothing when a
/// constant, or where it ends, could be read in more than one way, depending on settings or on what
/// stands beside it (backslashes, E'', U&'', $$text$$, comments): then a parser has to tell.
std::optional<std::string> statement_shape(std::string_view text);

} // namespace nimbus::local::dsql

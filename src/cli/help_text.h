#pragma once

#include "cli/command_description.h"

#include <cstddef>
#include <string>

namespace nimbus::cli {

/// Columns that a help text on standard output may take: those of the terminal or of COLUMNS (see
/// terminal_columns), and no more than can be read.
std::size_t help_width();

/// What `--help` prints: lines of at most `width` columns, but for words that are longer. One blank
/// line between sections and none at the end.
std::string help_text(const CommandDescription& command, std::size_t width);

} // namespace nimbus::cli

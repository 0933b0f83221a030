#pragma once

#include "cli/command_description.h"

#include <string>

namespace nimbus::cli {

/// The manual page nimbus(1) in man's macros (groff_man(7)), in ASCII.
std::string man_page(const CommandDescription& program);

} // namespace nimbus::cli

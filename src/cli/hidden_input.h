#pragma once

#include <optional>
#include <string>

namespace nimbus::cli {

/// Asks on standard error for a line of the terminal that is standard input, and does not show what
/// is typed. Nothing when the input ends (Ctrl-D). Throws Error for several lines, pasted at once,
/// and for one that a terminal would cut off.
///
/// The terminal is as it was before on every way out: also when a signal (Ctrl-C, Ctrl-\, Ctrl-Z,
/// SIGTERM, SIGHUP) ends or stops the program. What was typed and not read is discarded, so that no
/// part of a secret becomes the shell's next command.
std::optional<std::string> ask_hidden(const std::string& question);

} // namespace nimbus::cli

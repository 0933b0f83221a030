#pragma once

namespace nimbus::cli {

/// From here on the first Ctrl-C or SIGTERM is only noted, and answered with a sentence on standard
/// error: what is under way ends and is recorded. The second one ends the program at once.
void take_interrupts();
/// Was there one? From any thread.
bool interrupted() noexcept;

} // namespace nimbus::cli

#pragma once

namespace nimbus::cli {

/// From here on the first Ctrl-C, SIGTERM or SIGHUP is only noted, and answered with a sentence on
/// standard error: what is under way ends and is recorded. The second one ends the program at once.
void take_interrupts();
/// The same without the sentence, for a command that waits and ends then.
void take_interrupts_silently();
/// Readable, and never read, once there was one. From the first call on, which comes before the
/// interrupt.
int interrupt_descriptor();
/// Was there one? From any thread.
bool interrupted() noexcept;

} // namespace nimbus::cli

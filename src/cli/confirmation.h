#pragma once

#include "base/error.h"
#include "cli/terminal.h"

#include <string>

/// What a command asks before it does what a person may regret. The exit codes are the same for all
/// commands (docs/cli.md): 2 where --yes is missing and nobody can answer, 1 after a no.
namespace nimbus::cli {

/// A person said no.
class Declined : public Error {
public:
    using Error::Error;
};

struct Confirmation {
    std::string deed;     ///< "shop is destroyed": what nobody can confirm without a terminal
    std::string question; ///< "Destroy shop?"
    std::string refusal;  ///< "Nothing was changed": what is said after a no
};

/// Asks, and returns after a yes. Throws UsageError, which asks for --yes, where nobody can answer,
/// and Declined after a no.
void confirm(const Confirmation& confirmation, const Terminal& terminal);

} // namespace nimbus::cli

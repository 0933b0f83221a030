#include "cli/confirmation.h"

namespace nimbus::cli {

void confirm(const Confirmation& confirmation, const Terminal& terminal)
{
    if (!terminal.has_person())
        throw UsageError("This is not a terminal, so nobody can confirm that " + confirmation.deed,
                         "Add --yes.");
    if (!terminal.confirm(confirmation.question))
        throw Declined(confirmation.refusal);
}

} // namespace nimbus::cli

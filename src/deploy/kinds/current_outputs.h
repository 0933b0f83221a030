#pragma once

#include "deploy/outputs.h"

namespace nimbus::deploy {

/// Outputs as the local cloud has them at the moment: an API whose port somebody else took is at
/// another URL until the next start. Those of AWS do not change.
Outputs current_outputs(Outputs outputs, const Target& target);

} // namespace nimbus::deploy

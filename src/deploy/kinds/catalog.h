#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy {

/// All kinds of resource that Nimbus has, in the order in which outputs list them.
const Kinds& all_kinds();

} // namespace nimbus::deploy

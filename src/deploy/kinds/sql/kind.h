#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::sql {

Kind kind();

/// See Kind::decide_fate.
void decide_fate(World& world, const State& state, DestroyMode mode, Fate& fate);

} // namespace nimbus::deploy::sql

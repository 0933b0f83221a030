#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::timer {

Kind kind();

} // namespace nimbus::deploy::timer

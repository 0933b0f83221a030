#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::function {

Kind kind();

} // namespace nimbus::deploy::function

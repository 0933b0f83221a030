#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::secret {

Kind kind();

} // namespace nimbus::deploy::secret

#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::api {

Kind kind();

} // namespace nimbus::deploy::api

#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::timer {

std::vector<Statement> deployer_statements(const Application& application);

} // namespace nimbus::deploy::timer

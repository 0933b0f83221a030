#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::function {

std::vector<Statement> deployer_statements(const Application& application);

} // namespace nimbus::deploy::function

#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::sql {

std::vector<Statement> deployer_statements(const Application& application);

} // namespace nimbus::deploy::sql

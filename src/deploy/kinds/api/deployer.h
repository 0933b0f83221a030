#pragma once

#include "deploy/kind.h"

namespace nimbus::deploy::api {

std::vector<Statement> deployer_statements(const Application& application);

} // namespace nimbus::deploy::api

#pragma once

#include "deploy/limits.h"

namespace nimbus::deploy::api {

/// Integrations and routes of each API.
std::vector<Excess> limits(const Application& application, const ExpectedGraph& graph);

} // namespace nimbus::deploy::api

#pragma once

#include "deploy/extras.h"

namespace nimbus::deploy::api {

/// Further routes, integrations and stages of our APIs.
std::vector<Extra> extras(World& world, Reads& reads, const Present& present);

} // namespace nimbus::deploy::api

#pragma once

#include "deploy/extras.h"

namespace nimbus::deploy::sql {

/// Further IAM roles that may connect as the database roles of our schemas.
std::vector<Extra> extras(World& world, Reads& reads, const Present& present);

} // namespace nimbus::deploy::sql

#pragma once

#include "local/postgres/postgres_server.h"

#include <optional>

namespace nimbus::local::postgres {

/// The installation of that major version, if PATH or the usual places have it.
std::optional<Installation> find_installation_of(int major_version);

} // namespace nimbus::local::postgres

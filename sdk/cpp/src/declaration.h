#pragma once

#include "app_state.h"

#include <string>
#include <vector>

namespace nimbus {

/// What is wrong with the declarations, one sentence each, naming the API and the route.
std::vector<std::string> mistakes_in(const detail::app_state& state);

/// The manifest, as docs/manifest.schema.json describes it.
json::object manifest_of(const detail::app_state& state);

} // namespace nimbus

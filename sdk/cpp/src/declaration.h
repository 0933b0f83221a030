#pragma once

#include "app_state.h"

namespace nimbus {

/// The manifest, as docs/manifest.schema.json describes it. What may be in it, the engine knows.
json::object manifest_of(const detail::app_state& state);

/// Where in the source its parts are declared, by their paths in the manifest: "apis[0].routes[1]"
/// is at "main.cpp:20:14"; "" is the application.
json::object places_of(const detail::app_state& state);

} // namespace nimbus

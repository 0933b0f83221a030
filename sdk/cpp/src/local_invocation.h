#pragma once

#include "app_state.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace nimbus {

/// app::invoke and api::invoke: chooses the route among all APIs or the one given, builds the event
/// that API Gateway would send, and runs the handler on it.
response invoke_locally(const detail::app_state& state, std::optional<std::size_t> api_index,
                        std::string_view method, std::string_view path_and_query,
                        const invoke_options& options);

} // namespace nimbus

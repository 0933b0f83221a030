#pragma once

#include "core/application.h"

#include <cstddef>
#include <nimbus/api.hpp>
#include <optional>
#include <string_view>

namespace nimbus::detail {

/// app::invoke and api::invoke: chooses the route among all APIs or the one given, builds the event
/// that API Gateway would send, and runs the handler on it.
response invoke_locally(Application& application, std::optional<std::size_t> api_index,
                        std::string_view method, std::string_view path_and_query,
                        const invoke_options& options);

} // namespace nimbus::detail

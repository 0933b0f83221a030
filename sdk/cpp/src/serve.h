#pragma once

#include "app_state.h"
#include "runtime_client.h"

#include <string>

namespace nimbus {

/// The handler's answer, that of an http_error, or on_error's; other exceptions pass.
response answer_request(const detail::app_state& state, const detail::route_declaration& route,
                        const request& req);

/// The handler's answer to one invocation, or the function error that Lambda reports when it threw.
InvocationOutcome handle_invocation(const detail::app_state& state,
                                    const detail::route_declaration& route,
                                    const Invocation& invocation);

/// Serves the function `handler` (its name, _HANDLER) for as long as the Runtime API has events.
/// Returns the exit code once it has none to give; start-up failures go to /init/error.
int serve(const detail::app_state& state, const std::string& runtime_api,
          const std::string& handler);

} // namespace nimbus

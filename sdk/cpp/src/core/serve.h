#pragma once

#include "core/application.h"
#include "core/runtime_client.h"

#include <string>

namespace nimbus::detail {

/// What `function` answers to one invocation: its trigger for the event's source decodes it and
/// runs the handler. When the handler threw, or no trigger is for such events, the function error
/// that Lambda reports.
InvocationOutcome handle_invocation(const Application& application, const Function& function,
                                    const Invocation& invocation);

/// Serves the function `handler` (its name, _HANDLER) for as long as the Runtime API has events.
/// Returns the exit code once it has none to give; start-up failures go to /init/error.
int serve(const Application& application, const std::string& runtime_api,
          const std::string& handler);

} // namespace nimbus::detail

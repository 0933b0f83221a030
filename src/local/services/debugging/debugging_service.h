#pragma once

#include "local/debugging/debug_sessions.h"
#include "local/services/service.h"

#include <memory>

namespace nimbus::local {

/// `nimbus debug` and `nimbus dev --inspect`, which are no service of AWS's: PUT /debugging
///
///     {"process": 4711, "functions": ["shop-dev-get-users"], "inspectorPort": 9229}
///
/// has instances of these functions started for a debugger as long as that process runs, or until
/// it asks for none; without `inspectorPort`, for gdb or lldb. GET /debugging tells the processes
/// that were started: {"processes": {"shop-dev-get-users": 4712}}. Allowed to whom a policy allows
/// nimbus:GetDebugging and nimbus:PutDebugging: the administrator.
Service make_debugging_service(const std::shared_ptr<DebugSessions>& sessions);

} // namespace nimbus::local

#pragma once

#include "local/gateway/answered_requests.h"
#include "local/services/service.h"

#include <memory>

namespace nimbus::local {

/// Tells what HTTP APIs answered lately: {"requests": [{"invocationId": "…", "status": 200}]}.
Service make_requests_service(const std::shared_ptr<const AnsweredRequests>& requests);

} // namespace nimbus::local

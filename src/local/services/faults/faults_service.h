#pragma once

#include "local/faults/fault_injector.h"
#include "local/services/service.h"

#include <memory>

namespace nimbus::local {

/// `nimbus local faults`, which is no service of AWS's: GET /faults tells what is on and what was
/// injected, PUT /faults replaces it. Signed like any other service's requests, and allowed to whom
/// a policy allows nimbus:GetFaults and nimbus:PutFaults: the administrator.
Service make_faults_service(std::shared_ptr<FaultInjector> injector, Log log);

} // namespace nimbus::local

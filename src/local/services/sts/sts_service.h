#pragma once

#include "local/iam/identity_access.h"
#include "local/services/service.h"

namespace nimbus::local {

/// STS: GetCallerIdentity, AssumeRole. `access` outlives the service.
Service make_sts_service(iam::IdentityStore& store, iam::IdentityAccess& access);
/// What its operations do with their input.
std::vector<InputMembers> sts_inputs();

} // namespace nimbus::local

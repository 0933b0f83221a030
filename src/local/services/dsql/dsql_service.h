#pragma once

#include "local/services/dsql/cluster_copies.h"
#include "local/services/dsql/cluster_store.h"
#include "local/services/service.h"

namespace nimbus::local {

/// DSQL's control plane: single-Region clusters. All outlive the service.
Service make_dsql_service(ClusterStore& store, ClusterCopies& copies, AccessControl& access);
/// What its operations do with their input.
std::vector<InputMembers> dsql_inputs();

} // namespace nimbus::local

#pragma once

#include "local/services/dsql/cluster_store.h"
#include "local/services/service.h"

namespace nimbus::local {

/// DSQL's control plane: single-Region clusters. `store` outlives the service.
Service make_dsql_service(ClusterStore& store, AccessControl& access);

} // namespace nimbus::local

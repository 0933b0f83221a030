#pragma once

#include "local/services/dsql/cluster_copies.h"
#include "local/services/service.h"

namespace nimbus::local {

/// Copies of clusters for `nimbus test`, which are no service of AWS's: POST /cluster-copies
///
///     {"cluster": "<identifier>", "process": 4711, "role": "arn:aws:iam::…:role/…"}
///
/// answers 201 {"identifier", "endpoint"}: a copy that clients connect to as to a cluster, until
/// that process ends or DELETE /cluster-copies/<identifier>. With `role`, also "credentials" as
/// Lambda would give them to a function with that role. POST /cluster-backups {"cluster",
/// "directory"} copies the cluster's data to a new directory of this machine. GET /cluster-copies
/// lists those that there are. Allowed to whom a policy allows nimbus:CopyCluster, …: the
/// administrator. All outlive the service.
Service make_cluster_copies_service(ClusterStore& store, ClusterCopies& copies,
                                    AccessControl& access);

} // namespace nimbus::local

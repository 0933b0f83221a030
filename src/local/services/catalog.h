#pragma once

#include "local/services/apigateway_service.h"
#include "local/services/dsql_service.h"
#include "local/services/lambda_service.h"
#include "local/services/logs_service.h"
#include "local/services/s3_service.h"

namespace nimbus::local {

/// What the services keep; all outlive the catalog.
struct Stores {
    iam::IdentityStore& identities;
    iam::IdentityAccess& access;
    S3Store& objects;
    ApiStore& apis;
    ClusterStore& clusters;
    LogStore& logs;
    std::function<void()> settle_logs; ///< see make_logs_service
    LambdaParts lambda;
};

/// The list of services: a new one is added here.
std::vector<Service> make_catalog(const Stores& stores);

} // namespace nimbus::local

#pragma once

#include "local/control_plane/options.h"
#include "local/iam/identity_access.h"
#include "local/services/apigateway/api_store.h"
#include "local/services/blob_store.h"
#include "local/services/dsql/cluster_copies.h"
#include "local/services/dsql/cluster_store.h"
#include "local/services/housekeeping.h"
#include "local/services/lambda/code_garbage.h"
#include "local/services/lambda/function_registry.h"
#include "local/services/lambda/lambda_service.h"
#include "local/services/logs/log_writer.h"
#include "local/services/s3/s3_store.h"
#include "local/services/scheduler/scheduler_service.h"
#include "local/services/secretsmanager/secret_store.h"
#include "local/services/service.h"
#include "sqlite/database.h"

#include <atomic>
#include <vector>

namespace nimbus::local {

/// The services of the local cloud and what they keep. A new service is added here, and nowhere
/// else.
class Catalog {
public:
    /// Reads what is stored. `database` outlives the catalog.
    Catalog(const ControlPlaneOptions& options, sqlite::Database& database);
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    /// In the order in which they are asked whether they claim a request; S3 claims them all.
    const std::vector<Service>& services() const noexcept { return services_; }

    /// What keeps them within their limits; see Housekeeping.
    std::vector<HousekeepingStep> housekeeping();

    AccessControl& access_control() noexcept { return access_; }
    FunctionDirectory& function_directory() noexcept { return functions_; }
    LogSink& log_sink() noexcept { return log_writer_; }

private:
    sqlite::Database& database_;
    iam::IdentityStore identities_;
    iam::IdentityAccess access_;
    S3Store objects_;
    BlobStore code_;
    FunctionRegistry functions_;
    CodeGarbage code_garbage_;
    EventQueue events_;
    LambdaEventInvoker event_invoker_;
    std::atomic<Invoker*> invoker_ = nullptr;
    ApiStore apis_;
    ClusterStore clusters_;
    ClusterCopies cluster_copies_;
    LogStore logs_;
    LogWriter log_writer_;
    SecretStore secrets_;
    scheduler::ScheduleStore schedules_;
    scheduler::ClientTokens schedule_tokens_;
    scheduler::Engine schedule_engine_;
    std::vector<Service> services_;
};

} // namespace nimbus::local

#include "local/control_plane/catalog.h"

#include "local/control_plane/stored_state.h"
#include "local/services/apigateway/api_addresses_service.h"
#include "local/services/apigateway/apigateway_service.h"
#include "local/services/debugging/debugging_service.h"
#include "local/services/dsql/cluster_copies_service.h"
#include "local/services/dsql/dsql_service.h"
#include "local/services/faults/faults_service.h"
#include "local/services/iam/iam_service.h"
#include "local/services/lambda/code_link_service.h"
#include "local/services/lambda/lambda_service.h"
#include "local/services/logs/logs_service.h"
#include "local/services/requests/requests_service.h"
#include "local/services/s3/s3_service.h"
#include "local/services/scheduler/scheduler_service.h"
#include "local/services/secretsmanager/secretsmanager_service.h"
#include "local/services/sts/sts_service.h"

#include <map>
#include <string>

namespace nimbus::local {
namespace {

/// Of free pages in one step: a megabyte, some milliseconds.
constexpr std::int64_t most_pages_at_once = 256;
/// Pages that were free are used again soon; giving fewer of them back is not worth the writing.
constexpr std::int64_t pages_kept_free = 1024;

/// True as long as there is something to give back.
bool give_space_back(sqlite::Database& database)
{
    if (database.free_pages() <= pages_kept_free)
        return false;
    return database.shrink(most_pages_at_once) > pages_kept_free;
}

} // namespace

Catalog::Catalog(const ControlPlaneOptions& options, sqlite::Database& database)
    : database_(database), identities_(database, options.account_id, options.clock),
      access_(identities_, options.administrator),
      objects_(database, options.directory / objects_directory, options.clock),
      code_(options.directory / code_directory), functions_(database, options.region),
      code_garbage_(functions_, code_, options.clock),
      events_(database, functions_, options.clock, options.log.of("lambda")),
      event_invoker_(functions_, access_, events_),
      apis_(database, options.account_id, options.clock, options.log.of("apigateway")),
      clusters_(database, options.account_id, options.clock, options.log.of("dsql"),
                options.cluster_names_changed),
      cluster_copies_(clusters_, options.log.of("dsql")), logs_(database, options.clock),
      log_writer_(logs_, options.log.of("logs")),
      secrets_(database, options.account_id, options.directory / secrets_key_file, options.clock),
      schedules_(database), schedule_tokens_(database, options.clock),
      schedule_engine_(schedules_, access_, event_invoker_,
                       {.account_id = options.account_id,
                        .clock = options.clock,
                        .log = options.log.of("scheduler")}),
      services_{
          make_logs_service(logs_, [this] { log_writer_.flush(); }),
          make_secretsmanager_service(secrets_, access_),
          make_lambda_service({.functions = functions_,
                               .access = access_,
                               .objects = objects_,
                               .code = code_,
                               .events = events_,
                               .clock = options.clock,
                               .invoker = invoker_}),
          make_apigateway_service(apis_),
          make_api_addresses_service(apis_),
          make_dsql_service(clusters_, cluster_copies_, access_),
          make_cluster_copies_service(clusters_, cluster_copies_, access_),
          make_scheduler_service({.store = schedules_,
                                  .tokens = schedule_tokens_,
                                  .engine = schedule_engine_,
                                  .access = access_,
                                  .clock = options.clock}),
          make_sts_service(identities_, access_),
          make_iam_service(identities_),
          make_debugging_service(options.debugging),
          make_faults_service(options.faults, options.log.of("faults")),
          make_requests_service(options.answered),
          make_code_link_service(code_),
          make_s3_service(objects_, access_),
      }
{
    std::map<std::string, std::string> regions;
    for (const auto& record : functions_.all()) {
        auto& region = regions[record.function->log_group];
        if (region.empty() || record.region == options.region)
            region = record.region;
    }
    logs_.give_regions([&](const std::string& name) {
        const auto found = regions.find(name);
        return found == regions.end() ? options.region : found->second;
    });
}

std::vector<HousekeepingStep> Catalog::housekeeping()
{
    return {[this] { return logs_.trim(); }, [this] { return objects_.abort_abandoned_upload(); },
            [this] { return code_garbage_.collect(); },
            [this] { return give_space_back(database_); }};
}

} // namespace nimbus::local

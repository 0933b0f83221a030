#pragma once

#include "cli/progress.h"
#include "deploy/plan_summary.h"
#include "deploy/target.h"
#include "frontends/application.h"

#include <optional>

/// Migrations are tried before they change anything where an application is deployed: all of them,
/// from nothing, in the databases that `nimbus test` has in the local cloud. These are kept by what
/// is in the migrations, so that nothing is tried twice.
namespace nimbus::cli {

/// Throws RefusedMigration; Error where they cannot be tried, such as without PostgreSQL.
void try_migrations(const frontends::BuiltApplication& application, Progress& progress);

/// Before what is pending is applied at the target. Throws Error for a statement that will be
/// refused there. Where the trial does not tell, `progress` gets a note: it cannot be made, or what
/// is deployed is not what the migrations make from nothing. `baseline`: the migrations up to that
/// number count as applied.
void try_before_applying(const frontends::BuiltApplication& application,
                         const deploy::Target& target, Progress& progress,
                         std::optional<unsigned> baseline = {});

/// The same where the plan applies any.
void try_before_deploying(const deploy::PlanSummary& plan,
                          const frontends::BuiltApplication& application,
                          const deploy::Target& target, Progress& progress);

} // namespace nimbus::cli

#include "deploy/kinds/sql/migration_apply.h"

#include "base/error.h"
#include "deploy/engine.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_baseline.h"
#include "deploy/kinds/sql/migration_run.h"
#include "deploy/kinds/sql/seed.h"
#include "deploy/lock.h"

#include <algorithm>
#include <iterator>

namespace nimbus::deploy::sql {
namespace {

std::vector<std::string> files_of(const std::vector<MigrationStep>& steps)
{
    std::vector<std::string> files;
    for (const auto& entry : by_file(steps))
        files.push_back(entry.first);
    return files;
}

/// What a baseline will record.
std::vector<MigrationStep> checked_baseline(SqlSession& session, const SchemaOutputs& schema,
                                            const MigrationsInputs& wanted,
                                            const std::vector<MigrationStep>& applied,
                                            unsigned number)
{
    auto steps = baseline_of(wanted.steps, applied, number);
    if (!steps.empty())
        check_baseline(session, schema, steps);
    for (auto& step : steps)
        step.is_done = true;
    return steps;
}

void forget_seed(World& world, SqlSession& session, const SchemaOutputs& schema)
{
    if (look(session, {.schema = schema.schema, .role = schema.db_role}).ledger)
        change(world, [&] { remove_entries(session, schema.schema, std::string(seed_key)); });
}

} // namespace

std::vector<MigrationStep> applied_in(SqlSession& session, const SchemaOutputs& schema)
{
    const auto found = look(session, {.schema = schema.schema, .role = schema.db_role});
    if (!found.schema)
        throw Error("The cluster " + schema.identifier + " has no schema " + schema.schema,
                    "'nimbus deploy' makes it.");
    return found.ledger ? steps_of(read_ledger(session, schema.schema))
                        : std::vector<MigrationStep>();
}

AppliedMigrations apply_migrations(World& world, const SchemaOutputs& schema,
                                   const MigrationsInputs& wanted, const Options& options,
                                   std::optional<unsigned> baseline,
                                   const std::function<void()>& before)
{
    const Lock lock(world, lock_options(options, "migrate apply"));
    auto session = connect(world, schema.endpoint);
    auto applied = applied_in(session, schema);
    std::vector<MigrationStep> recorded;
    if (baseline)
        recorded = checked_baseline(session, schema, wanted, applied, *baseline);
    std::ranges::copy(recorded, std::back_inserter(applied));
    const bool is_pending = !differences_from(wanted, applied).empty();
    if (is_pending)
        before();
    AppliedMigrations result{.recorded = files_of(recorded), .applied = {}};
    if (!recorded.empty())
        record_migrations(world, schema, recorded);
    if (!is_pending)
        return result;
    const auto ledger = with_squashes(wanted.squashes, wanted.steps, applied);
    for (const auto& standing : standings_of(wanted.steps, ledger.applied))
        if (standing.state == MigrationStanding::State::pending)
            result.applied.push_back(standing.file);
    run_migrations(world, schema, wanted);
    return result;
}

std::size_t run_seed(World& world, const SchemaOutputs& schema, const MigrationsInputs& wanted,
                     const Options& options, bool again)
{
    const Lock lock(world, lock_options(options, "seed"));
    auto session = connect(world, schema.endpoint);
    auto applied = applied_in(session, schema);
    differences_from(wanted, applied); // throws where the files are not what was applied
    const auto migrations = with_squashes(wanted.squashes, wanted.steps, applied);
    for (const auto& standing : standings_of(wanted.steps, migrations.applied))
        if (standing.state == MigrationStanding::State::pending)
            throw Error("The migration " + standing.file +
                            " is pending, and the seed runs behind it",
                        "Run 'nimbus deploy' or 'nimbus migrate apply' first.");
    if (again) {
        forget_seed(world, session, schema);
        applied = applied_in(session, schema);
    }
    const auto seed = pending_seed(wanted.seed, applied);
    std::ranges::for_each(seed, check_refusal);
    run_migrations(world, schema, wanted);
    return seed.size();
}

} // namespace nimbus::deploy::sql

#include "cli/migration_trial.h"

#include "cli/database_template.h"
#include "cli/deployment.h"
#include "cli/migrate.h"
#include "deploy/kinds/sql/columns.h"
#include "deploy/kinds/sql/migration_apply.h"
#include "deploy/kinds/sql/migration_baseline.h"
#include "deploy/kinds/sql/migration_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

namespace nimbus::cli {
namespace {

using deploy::sql::Database;
using deploy::sql::MigrationStep;
using namespace std::chrono_literals;

/// What depends on the rows that are there: a subquery with more than one, data, constraints.
/// Source: PostgreSQL manual, Appendix A, like the others here.
constexpr std::array<std::string_view, 3> about_rows{"21", "22", "23"};
/// What an older PostgreSQL says of what a newer one has.
constexpr std::array<std::string_view, 3> about_version{"42601", "42704", "42883"};
/// That of DSQL.
constexpr int version_of_dsql = 16;

bool is_one_of(std::string_view state, std::span<const std::string_view> states)
{
    return std::ranges::find(states, state) != states.end();
}

/// What is deployed of a database.
struct Deployed {
    std::vector<MigrationStep> applied; ///< as the files have them
    std::vector<std::string> relations;
};

/// The steps that the ledger has as done, or that a baseline takes for done.
std::vector<MigrationStep> applied_of(const std::vector<MigrationStep>& wanted,
                                      const std::vector<MigrationStep>& ledger,
                                      std::optional<unsigned> baseline)
{
    const auto done = by_file(ledger);
    std::vector<MigrationStep> applied;
    for (const auto& step : wanted) {
        const auto file = done.find(step.file);
        const auto entry = file == done.end() ? deploy::sql::StepsOfFile::const_iterator()
                                              : file->second.find(step.number);
        const bool is_done =
            file != done.end() && entry != file->second.end() && entry->second->is_done;
        if (is_done || deploy::sql::number_of(step.file) <= baseline)
            applied.push_back(step);
    }
    return applied;
}

Deployed deployed(const Database& database, const deploy::Target& target,
                  const deploy::DeploymentId& id, std::optional<unsigned> baseline)
{
    const auto schema = find_schema(target, id, database.name);
    if (!schema)
        return {};
    auto session = deploy::sql::connect(target, schema->endpoint, Deadline::after(30s));
    const auto wanted = deploy::sql::migrations_of(database, target);
    const auto ledger =
        with_squashes(wanted.squashes, wanted.steps, applied_in(session, *schema)).applied;
    Deployed found{.applied = applied_of(wanted.steps, ledger, baseline), .relations = {}};
    for (const auto& relation : deploy::sql::relations_in(session, schema->schema))
        found.relations.push_back(relation.name);
    return found;
}

/// Something that is there, that no migration makes, and that the statement uses; or "".
std::string foreign_relation(const MigrationStep& step, const Deployed& there)
{
    const auto made = deploy::sql::relations_made_by(there.applied);
    const auto found = std::ranges::find_if(there.relations, [&](const std::string& name) {
        return !made.contains(name) && step.text.contains(name);
    });
    return found == there.relations.end() ? "" : *found;
}

/// Why what was refused from nothing may be fine there; or "".
std::string why_it_may_pass(const RefusedMigration& refused, const Deployed& there,
                            const deploy::Target& target)
{
    const auto& step = refused.step();
    const auto& state = refused.refusal().sqlstate;
    if (std::ranges::any_of(there.applied, [&](const MigrationStep& applied) {
            return applied.file == step.file && applied.number == step.number;
        }))
        return "that is applied already, but fails where it runs from nothing";
    if (!there.relations.empty() && is_one_of(state.substr(0, 2), about_rows))
        return "that depends on the rows that are there";
    if (const auto name = foreign_relation(step, there);
        !name.empty() && is_one_of(state, deploy::sql::not_there))
        return "no migration makes " + name + ", which it uses";
    if (target.name != "local" && is_one_of(state, about_version))
        if (const auto version = installed_postgres(); version != version_of_dsql)
            return "PostgreSQL " + std::to_string(version) + " is installed here, and DSQL is " +
                   std::to_string(version_of_dsql);
    return {};
}

} // namespace

void try_migrations(const frontends::BuiltApplication& application, Progress& progress)
{
    if (!find_running(local::Home::from_environment()))
        installed_postgres(); // else no cloud is started for it
    const auto local = OpenTarget::open({}, application.manifest.region, &progress);
    deploy::Status quiet;
    auto options = engine_options(progress, *local);
    options.status = &quiet;
    try_databases(application, *local, options,
                  [&] { progress.phase("Trying the migrations in the local cloud"); });
}

void try_before_applying(const frontends::BuiltApplication& application,
                         const deploy::Target& target, Progress& progress,
                         std::optional<unsigned> baseline)
{
    try {
        try_migrations(application, progress);
    } catch (const deploy::Stopped&) {
        throw;
    } catch (const RefusedMigration& refused) {
        const auto& manifest = application.manifest;
        const auto& step = refused.step();
        const auto why = why_it_may_pass(
            refused,
            deployed(
                *deploy::sql::find(manifest, refused.database()), target,
                {.project = manifest.project, .stage = manifest.stage, .region = manifest.region},
                baseline),
            target);
        if (why.empty())
            throw Error(fmt::format("{} will be refused in line {}: {}", name_of(step), step.line,
                                    refused.refusal().reason),
                        fmt::format("{} It was tried in the local cloud, from nothing and behind "
                                    "all that come before it; nothing was changed. {}",
                                    refused.hint(), deploy::sql::way_out_of_refusal));
        progress.note(fmt::format("Warning: the migrations were tried up to line {} of {} only: "
                                  "{} ({})",
                                  step.line, step.file, why, refused.refusal().reason));
    } catch (const Error& error) {
        progress.note(std::string("Warning: the migrations were not tried in the local cloud: ") +
                      error.what());
    }
}

void try_before_deploying(const deploy::PlanSummary& plan,
                          const frontends::BuiltApplication& application,
                          const deploy::Target& target, Progress& progress)
{
    if (std::ranges::any_of(plan.steps, [](const deploy::PlannedStep& step) {
            return step.type == deploy::sql::Migrations::name &&
                   step.action != deploy::Action::keep && step.action != deploy::Action::remove;
        }))
        try_before_applying(application, target, progress);
}

} // namespace nimbus::cli

#include "cli/database_template.h"

#include "aws/api_error.h"
#include "aws/client.h"
#include "aws/ops/dsql/clusters.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/cluster_copies.h"
#include "cli/deployment.h"
#include "crypto/digest.h"
#include "deploy/deploy.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/sql/cluster_reads.h"
#include "deploy/kinds/sql/migrations.h"
#include "deploy/kinds/sql/output.h"
#include "local/home.h"
#include "manifest/parse.h"

#include <algorithm>
#include <optional>
#include <set>

namespace nimbus::cli {
namespace {

using deploy::DeploymentId;
using deploy::sql::Database;
using deploy::sql::DatabaseOutput;

/// Apart from what people deploy: templates are listed nowhere else.
constexpr const char* templates_bucket = "nimbus-test-templates";
constexpr std::string_view stage_prefix = "test-";
constexpr std::size_t stage_digits = 10;
/// Of a project; each has a PostgreSQL of its own that runs.
constexpr std::size_t most_templates = 3;

/// All that its databases are made of, and nothing that is without effect on them: a new route
/// needs no new template.
manifest::Manifest databases_of(const frontends::BuiltApplication& application, Seeds seeds)
{
    const auto& program = application.manifest;
    manifest::Manifest databases{.project = program.project,
                                 .region = program.region,
                                 .stage = {},
                                 .runtime = program.runtime,
                                 .architecture = application.packages.begin()->first,
                                 .permissions_boundary = program.permissions_boundary};
    manifest::Function tests{.name = "tests",
                             .description = {},
                             .architecture = databases.architecture,
                             .environment = {},
                             .uses = {},
                             .permissions = {},
                             .log_retention_days = {}};
    for (auto database : program.declared.of<Database>()) {
        database.cluster.reset();
        if (seeds == Seeds::left_out) {
            database.seed_file.reset();
            database.seed.clear();
        }
        database.deletion_protection = false;
        tests.uses.push_back(database.name);
        databases.declared.of<Database>().push_back(std::move(database));
    }
    std::set<manifest::Permission> permissions;
    for (const auto& function : program.functions)
        permissions.insert(function.permissions.begin(), function.permissions.end());
    tests.permissions.assign(permissions.begin(), permissions.end());
    databases.functions.push_back(std::move(tests));
    return databases;
}

std::string stage_for(const manifest::Manifest& databases)
{
    auto content = manifest::to_json(databases, deploy::all_kinds().sections());
    const auto add = [&](const std::vector<deploy::sql::MigrationStatement>& statements) {
        for (const auto& statement : statements)
            content += (statement.in_batches ? '\1' : '\0') + statement.text;
    };
    for (const auto& database : databases.declared.of<Database>()) {
        for (const auto& migration : database.migrations) {
            content += '\0' + database.name + '\0' + migration.name;
            add(migration.statements);
        }
        add(database.seed);
    }
    return std::string(stage_prefix) + crypto::sha256_hex(content).substr(0, stage_digits);
}

TestTemplate template_of(const deploy::Outputs& outputs, const manifest::Manifest& databases,
                         const deploy::Artifacts& artifacts, const deploy::Target& target)
{
    TestTemplate made;
    const auto deployed = outputs.of<DatabaseOutput>(deploy::sql::kind_name);
    for (const auto& database : databases.declared.of<Database>()) {
        const auto output = std::ranges::find(deployed, database.name, &DatabaseOutput::name);
        if (output == deployed.end())
            throw Error("The template for tests lacks the database " + database.name,
                        "Run 'nimbus local reset', which makes everything local anew.");
        made.databases.push_back(
            {.declared = database, .cluster = output->identifier, .arn = output->arn});
    }
    const deploy::Application application{.manifest = databases,
                                          .artifacts = artifacts,
                                          .target = target,
                                          .kinds = deploy::all_kinds()};
    made.role_arn = deploy::function::iam_role_arn(
        application, deploy::function::role_name(application, databases.functions.front()));
    return made;
}

/// Another template of the project's.
struct OlderTemplate {
    DeploymentId id;
    SystemTime created;
    std::vector<std::string> clusters;
};

/// When a cluster was made; nothing for one that somebody has deleted.
std::optional<SystemTime> creation_of(const deploy::Target& target, const std::string& identifier)
{
    try {
        const auto cluster = target.client.call(aws::dsql::GetCluster{.identifier = identifier});
        if (!deploy::sql::is_alive(cluster))
            return {};
        return cluster.creation_time;
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
        return {};
    }
}

bool is_whole(const deploy::Target& target, const TestTemplate& made)
{
    return std::ranges::all_of(made.databases, [&](const TemplateDatabase& database) {
        return creation_of(target, database.cluster).has_value();
    });
}

/// Those of the project that nobody has copies of, but the current one.
std::vector<OlderTemplate> unused_templates(const deploy::Target& target,
                                            const DeploymentId& current)
{
    const auto copied = target.client.call(ListClusterCopies{});
    std::vector<OlderTemplate> unused;
    for (const auto& id : deploy::list_deployments(target)) {
        if (id.project != current.project || id.region != current.region || id == current)
            continue;
        OlderTemplate older{
            .id = id, .created = {}, .clusters = {}}; // one that failed: without outputs
        bool is_used = false;
        if (const auto outputs = deploy::outputs(deploy::all_kinds(), target, id))
            for (const auto& database : outputs->of<DatabaseOutput>(deploy::sql::kind_name)) {
                is_used = is_used || std::ranges::find(copied, database.identifier) != copied.end();
                older.created = creation_of(target, database.identifier).value_or(SystemTime());
                older.clusters.push_back(database.identifier);
            }
        if (!is_used)
            unused.push_back(std::move(older));
    }
    return unused;
}

/// First of all: a role of a database that has copies cannot be dropped alone.
void delete_clusters(const deploy::Target& target, const OlderTemplate& older)
{
    for (const auto& cluster : older.clusters)
        try {
            target.client.call(aws::dsql::DeleteCluster{.identifier = cluster, .client_token = {}});
        } catch (const aws::ApiError& error) {
            if (!error.is_not_found())
                throw;
        }
}

void remove_old_templates(const deploy::Target& target, const DeploymentId& current,
                          const deploy::Options& options)
{
    auto older = unused_templates(target, current);
    if (older.size() < most_templates)
        return;
    std::ranges::sort(older, {}, &OlderTemplate::created);
    older.resize(older.size() - (most_templates - 1));
    for (const auto& each : older) {
        delete_clusters(target, each);
        deploy::destroy(deploy::all_kinds(), target, each.id, true, options);
    }
}

/// What it was that failed, if it was a migration.
std::optional<RefusedMigration> refused_migration(const deploy::DeployFailed& failed,
                                                  const manifest::Manifest& databases)
{
    for (const auto& step : failed.steps())
        for (const auto& database : databases.declared.of<Database>())
            try {
                const auto name = deploy::sql::schema_name(database);
                if (step.resource == deploy::key_of<deploy::sql::Migrations>(name))
                    std::rethrow_exception(step.cause);
            } catch (const deploy::sql::MigrationFailed& refused) {
                return RefusedMigration(database.name, refused);
            } catch (const Error&) {
                // What failed otherwise says nothing of the migrations.
            }
    return {};
}

/// A template that could not be made: the next one has another name once the migration is correct.
void remove_half_made(const deploy::Target& target, const DeploymentId& id, deploy::Options options)
{
    deploy::Status quiet;
    options.status = &quiet;
    try {
        deploy::destroy(deploy::all_kinds(), target, id, true, options);
    } catch (const Error&) {
        // It goes with the old ones.
    }
}

deploy::DeployResult make(const deploy::Target& target, const manifest::Manifest& databases,
                          const deploy::Artifacts& artifacts, const DeploymentId& id,
                          const deploy::Options& options)
{
    try {
        return deploy::deploy(deploy::all_kinds(), target, databases, artifacts, options).value();
    } catch (const deploy::DeployFailed& failed) {
        remove_half_made(target, id, options);
        if (const auto refused = refused_migration(failed, databases))
            throw *refused;
        throw;
    }
}

} // namespace

RefusedMigration::RefusedMigration(std::string database,
                                   const deploy::sql::MigrationFailed& failure)
    : Error(failure.what(),
            failure.refusal().advice.empty() ? "Correct the statement." : failure.refusal().advice),
      database_(std::move(database)), step_(failure.step()), refusal_(failure.refusal())
{
}

TestTemplate prepare_test_template(const frontends::BuiltApplication& application, Seeds seeds,
                                   const deploy::Target& local, const deploy::Options& options)
{
    auto databases = databases_of(application, seeds);
    if (databases.declared.of<Database>().empty())
        throw Error(databases.project + " declares no database", "Declare one with app.sql(…).");
    databases.stage = stage_for(databases);
    auto target = local;
    target.bucket = templates_bucket;
    const auto artifacts = artifacts_of(application);
    const DeploymentId id{
        .project = databases.project, .stage = databases.stage, .region = databases.region};
    // Of several that begin at once, one makes it, and the others wait.
    const auto data = local::Home::from_environment().data();
    const auto one_at_a_time = local::wait_for_file_lock(data / "test-templates.lock");
    if (const auto known = deploy::outputs(deploy::all_kinds(), target, id))
        if (auto kept = template_of(*known, databases, artifacts, target); is_whole(target, kept))
            return kept;
    const auto made = make(target, databases, artifacts, id, options);
    remove_old_templates(target, id, options);
    return template_of(made.outputs, databases, artifacts, target);
}

} // namespace nimbus::cli

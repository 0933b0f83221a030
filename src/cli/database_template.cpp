#include "cli/database_template.h"

#include "aws/api_error.h"
#include "aws/client.h"
#include "aws/ops/dsql/clusters.h"
#include "aws/ops/s3/objects.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
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
/// Of what is there for one trial: nobody takes it for a template.
constexpr std::string_view trial_prefix = "trial-";
constexpr std::size_t stage_digits = 10;
/// Of a project; each has a PostgreSQL of its own that runs.
constexpr std::size_t most_templates = 3;
/// What was tried and fits: the last so many of a project are known.
constexpr std::size_t most_tried = 32;

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
        for (auto& migration : database.migrations)
            for (auto& statement : migration.statements)
                statement.may_fail = statement.is_unchecked;
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

/// Tells what is in the databases from anything else.
std::string digest_of(const manifest::Manifest& databases)
{
    auto content = manifest::to_json(databases, deploy::all_kinds().sections());
    const auto add = [&](const std::vector<deploy::sql::MigrationStatement>& statements) {
        for (const auto& statement : statements)
            content += static_cast<char>((statement.in_batches ? 1 : 0) +
                                         (statement.is_unchecked ? 2 : 0)) +
                       statement.text;
    };
    for (const auto& database : databases.declared.of<Database>()) {
        for (const auto& migration : database.migrations) {
            content += '\0' + database.name + '\0' + migration.name;
            add(migration.statements);
        }
        add(database.seed);
    }
    return crypto::sha256_hex(content).substr(0, stage_digits);
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

void delete_cluster(const deploy::Target& target, const std::string& identifier)
{
    try {
        target.client.call(aws::dsql::DeleteCluster{.identifier = identifier, .client_token = {}});
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
}

bool is_of_trial(const OlderTemplate& older)
{
    return older.id.stage.starts_with(trial_prefix);
}

/// And what is left of trials.
void remove_old_templates(const deploy::Target& target, const DeploymentId& current,
                          const deploy::Options& options)
{
    auto older = unused_templates(target, current);
    const auto templates = std::ranges::stable_partition(older, is_of_trial);
    std::ranges::sort(templates, {}, &OlderTemplate::created);
    if (templates.size() >= most_templates - 1)
        older.resize(older.size() - (most_templates - 1));
    else
        older.erase(templates.begin(), templates.end());
    for (const auto& each : older) {
        for (const auto& cluster : each.clusters) // a role that copies have cannot be dropped alone
            delete_cluster(target, cluster);
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

/// Of several that begin at once, one works, and the others wait.
UniqueFd only_one()
{
    return local::wait_for_file_lock(local::Home::from_environment().data() /
                                     "test-templates.lock");
}

/// The databases of an application as it declares them now, apart from all else.
class Wanted {
public:
    Wanted(const frontends::BuiltApplication& application, Seeds seeds, const deploy::Target& local)
        : databases_(databases_of(application, seeds)), target_(local),
          artifacts_(artifacts_of(application))
    {
        if (databases_.declared.of<Database>().empty())
            throw Error(databases_.project + " declares no database",
                        "Declare one with app.sql(…).");
        digest_ = digest_of(databases_);
        databases_.stage = std::string(stage_prefix) + digest_;
        target_.bucket = templates_bucket;
    }

    std::optional<TestTemplate> kept_template() const
    {
        const auto known = deploy::outputs(deploy::all_kinds(), target_, id());
        if (!known)
            return {};
        auto kept = template_of(*known, databases_, artifacts_, target_);
        return is_whole(target_, kept) ? std::optional(std::move(kept)) : std::nullopt;
    }

    TestTemplate make_template(const deploy::Options& options) const
    {
        const auto made = make(target_, databases_, artifacts_, id(), options);
        remove_old_templates(target_, id(), options);
        return template_of(made.outputs, databases_, artifacts_, target_);
    }

    /// Does the project have templates, for its tests and checks?
    bool has_templates() const
    {
        return std::ranges::any_of(
            deploy::list_deployments(target_), [&](const DeploymentId& each) {
                return each.project == databases_.project && each.region == databases_.region &&
                       each.stage.starts_with(stage_prefix) &&
                       deploy::outputs(deploy::all_kinds(), target_, each);
            });
    }

    /// Without what only tests need. Its clusters go when it is done, which nobody waits for; what
    /// is recorded of it goes with the next one.
    void make_for_trial(const deploy::Options& options)
    {
        auto databases = databases_;
        databases.functions.clear();
        databases.stage = std::string(trial_prefix) + digest_;
        const auto made = make(target_, databases, artifacts_, id_of(databases), options);
        for (const auto& database : made.outputs.of<DatabaseOutput>(deploy::sql::kind_name))
            delete_cluster(target_, database.identifier);
        remove_old_templates(target_, id_of(databases), options);
    }

    bool is_tried() const
    {
        const auto lines = tried();
        return std::ranges::find(lines, digest_) != lines.end();
    }

    void note_tried() const
    {
        auto lines = tried();
        if (lines.size() >= most_tried)
            lines.erase(lines.begin());
        lines.push_back(digest_);
        target_.client.call(aws::s3::PutObject{.bucket = target_.bucket,
                                               .key = key_of_tried(),
                                               .body = join(lines, "\n"),
                                               .content_type = "text/plain"});
    }

private:
    static DeploymentId id_of(const manifest::Manifest& databases)
    {
        return {.project = databases.project, .stage = databases.stage, .region = databases.region};
    }
    DeploymentId id() const { return id_of(databases_); }

    std::string key_of_tried() const
    {
        return "tried/" + databases_.project + '/' + databases_.region;
    }

    /// What was tried and fits, the latest last.
    std::vector<std::string> tried() const
    {
        try {
            const auto found = target_.client.call(aws::s3::GetObject{
                .bucket = target_.bucket, .key = key_of_tried(), .if_match = {}});
            std::vector<std::string> lines;
            for (const auto line : split(found.body, '\n'))
                lines.emplace_back(line);
            return lines;
        } catch (const aws::ApiError& error) {
            if (!error.is_not_found())
                throw;
            return {};
        }
    }

    manifest::Manifest databases_;
    deploy::Target target_;
    deploy::Artifacts artifacts_;
    std::string digest_;
};

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
    Wanted wanted(application, seeds, local);
    const auto one_at_a_time = only_one();
    if (auto kept = wanted.kept_template())
        return *std::move(kept);
    return wanted.make_template(options);
}

void try_databases(const frontends::BuiltApplication& application, const deploy::Target& local,
                   const deploy::Options& options, const std::function<void()>& begins)
{
    Wanted wanted(application, Seeds::left_out, local);
    const auto one_at_a_time = only_one();
    if (wanted.kept_template() || wanted.is_tried())
        return;
    begins();
    if (wanted.has_templates())
        wanted.make_template(options);
    else
        wanted.make_for_trial(options);
    wanted.note_tried();
}

} // namespace nimbus::cli

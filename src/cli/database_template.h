#pragma once

#include "deploy/deploy.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/migration_run.h"
#include "deploy/target.h"
#include "frontends/application.h"

#include <functional>
#include <string>
#include <vector>

namespace nimbus::cli {

/// A database of the application in a cluster that nobody uses: what those of tests are copied
/// from.
struct TemplateDatabase {
    deploy::sql::Database declared;
    std::string cluster; ///< its identifier
    std::string arn;     ///< of the cluster
};

/// A migration that a template's database refuses. Nothing is left of the template.
class RefusedMigration : public Error {
public:
    RefusedMigration(std::string database, const deploy::sql::MigrationFailed& failure);

    /// As it is declared.
    const std::string& database() const noexcept { return database_; }
    const deploy::sql::MigrationStep& step() const noexcept { return step_; }
    const deploy::sql::MigrationFailed::Refusal& refusal() const noexcept { return refusal_; }

private:
    std::string database_;
    deploy::sql::MigrationStep step_;
    deploy::sql::MigrationFailed::Refusal refusal_;
};

enum class Seeds { left_out, run };

/// The application's databases, with all migrations applied, for its tests.
struct TestTemplate {
    std::vector<TemplateDatabase> databases;
    /// Of the IAM role that is mapped to their roles, and may do what all functions together may.
    std::string role_arn;
};

/// The one for what the application declares now. It is deployed to the local cloud as a stage of
/// its own, whose name follows from what is in the databases, when there is none: an application
/// whose databases stay as they are keeps it. The last few are kept. Throws RefusedMigration;
/// Error, such as when the application declares no database.
TestTemplate prepare_test_template(const frontends::BuiltApplication& application, Seeds seeds,
                                   const deploy::Target& local, const deploy::Options& options);

/// Applies all migrations from nothing, unless that was done: `begins` is called where it is not.
/// A project that has templates gets one more; of others, nothing is left running. Throws as above.
void try_databases(const frontends::BuiltApplication& application, const deploy::Target& local,
                   const deploy::Options& options, const std::function<void()>& begins);

} // namespace nimbus::cli

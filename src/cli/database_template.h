#pragma once

#include "cli/progress.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/target.h"
#include "frontends/application.h"

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

/// The application's databases, with all migrations applied, for its tests.
struct TestTemplate {
    std::vector<TemplateDatabase> databases;
    /// Of the IAM role that is mapped to their roles, and may do what all functions together may.
    std::string role_arn;
};

/// The one for what the application declares now. It is deployed to the local cloud as a stage of
/// its own, whose name follows from what is in the databases, when there is none: an application
/// whose databases stay as they are keeps it. The last few are kept. Throws Error, such as for a
/// migration that is refused, and when the application declares no database.
TestTemplate prepare_test_template(const frontends::BuiltApplication& application,
                                   const deploy::Target& local, Progress& progress);

} // namespace nimbus::cli

#pragma once

#include "deploy/kinds/sql/sql_session.h"
#include "deploy/world.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What an application has inside a cluster, in SQL. DSQL takes one such statement a transaction.
/// Source: Aurora DSQL User Guide, "Using database roles and IAM authentication".
namespace nimbus::deploy::sql {

struct DatabaseNames {
    std::string schema;
    std::string role; ///< that functions connect as
};

struct DatabaseFound {
    bool schema = false;
    bool role = false;
    bool login = false;                ///< the role may connect
    bool privileges = false;           ///< the role may use the schema, and admin the role
    bool default_privileges = false;   ///< the role may use what admin makes in the schema
    bool ledger = false;               ///< of migrations, see migration_ledger.h
    std::set<std::string> mapped_arns; ///< of IAM roles that may connect as the role
};

/// The table of the schema in which migrations are noted.
inline constexpr std::string_view ledger_table = "nimbus_migrations";

/// As the cluster's administrator. Gives up at `deadline`.
SqlSession connect(const Target& target, const std::string& endpoint, const Deadline& deadline);
/// The same with the patience of a deploy.
SqlSession connect(const World& world, const std::string& endpoint);

/// Reads only.
DatabaseFound look(SqlSession& session, const DatabaseNames& names);

/// A change of its own, tried again while DSQL reports a conflict (SQLSTATE 40001), which is the
/// answer to whoever commits second.
SqlSession::Result change(World& world, SqlSession& session, const std::string& statement,
                          const std::vector<std::string>& parameters = {});
/// The same for a change of several statements, which begins anew each time.
void change(World& world, const std::function<void()>& statements);

/// The schemas that people made, and public where something is in it.
std::set<std::string> schemas_in(SqlSession& session);

/// Makes what is missing of schema, role and privileges. The schema is admin's; the role may create
/// in it and owns what it creates; admin is a member of the role, and so may do what it may. Throws
/// NotOurs when somebody else makes them since they were `found` missing.
void establish_schema(World& world, SqlSession& session, const DatabaseNames& names,
                      const DatabaseFound& found);

/// Lets an IAM role connect as the role. Not idempotent.
void map_role(World& world, SqlSession& session, const DatabaseNames& names,
              const std::string& arn);
void unmap_role(World& world, SqlSession& session, const DatabaseNames& names,
                const std::string& arn);

/// Deletes mappings, the schema with all that is in it, and the role, as far as they exist.
void drop_schema(World& world, SqlSession& session, const DatabaseNames& names);

} // namespace nimbus::deploy::sql

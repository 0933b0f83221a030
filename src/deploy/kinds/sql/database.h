#pragma once

#include "deploy/kinds/sql/sql_session.h"
#include "deploy/world.h"

#include <set>
#include <string>

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
    bool privileges = false;           ///< the role may use the schema, and admin the role
    std::set<std::string> mapped_arns; ///< of IAM roles that may connect as the role
};

/// As the cluster's administrator.
SqlSession connect(const World& world, const std::string& endpoint);

/// Reads only.
DatabaseFound look(SqlSession& session, const DatabaseNames& names);

/// The schemas that people made, and public where something is in it.
std::set<std::string> schemas_in(SqlSession& session);

/// Makes what is missing of schema, role and privileges. The schema is admin's; the role may create
/// in it and owns what it creates; admin is a member of the role, and so may do what it may.
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

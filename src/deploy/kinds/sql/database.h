#pragma once

#include "deploy/world.h"

#include <set>
#include <string>

/// What an application has inside a cluster, in SQL. DSQL takes one such statement a transaction.
/// Source: Aurora DSQL User Guide, "Using database roles and IAM authentication".
namespace nimbus::deploy::database {

struct Names {
    std::string schema;
    std::string role; ///< that functions connect as
};

struct Found {
    bool schema = false;
    bool role = false;
    bool privileges = false;            ///< the role may use the schema, and admin the role
    std::set<std::string> mapped_arns;  ///< of IAM roles that may connect as the role
    std::set<std::string> current_arns; ///< those of them that are known to be as they should
};

/// Reads only.
Found look(SqlSession& session, const Names& names);

/// Makes what is missing of schema, role and privileges. The schema is admin's; the role may create
/// in it and owns what it creates; admin is a member of the role, and so may do what it may.
void establish(World& world, SqlSession& session, const Names& names, const Found& found);

/// Lets an IAM role connect as the role. Not idempotent.
void map(World& world, SqlSession& session, const Names& names, const std::string& arn);
void unmap(World& world, SqlSession& session, const Names& names, const std::string& arn);

/// Deletes mappings, the schema with all that is in it, and the role, as far as they exist.
void drop(World& world, SqlSession& session, const Names& names);

} // namespace nimbus::deploy::database

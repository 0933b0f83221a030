#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::dsql {

/// The lines of a plan, as PostgreSQL's EXPLAIN writes them in its text format, in the form that
/// DSQL gives to scans of tables and indexes: with what is done in the storage below them (Aurora
/// DSQL User Guide, "Reading Aurora DSQL EXPLAIN plans"). All other lines are left as they are.
std::vector<std::string> dsql_plan(const std::vector<std::string_view>& lines);

} // namespace nimbus::local::dsql

#pragma once

#include "deploy/kinds/sql/async_index.h"
#include "deploy/kinds/sql/sql_session.h"

#include <string>
#include <string_view>
#include <vector>

/// Changes of the schema that were begun, and whose answer nobody met: they may be applied.
namespace nimbus::deploy::sql {

/// The database refused to apply the statement again. Is that because it is applied? What it would
/// refuse alike where nothing was applied, a missing table say, does not tell that.
bool is_applied(SqlSession& session, std::string_view statement, const std::string& sqlstate);

/// The table of an index that the database names, and the indexes that are there: what a ledger
/// keeps of it while it is made.
std::vector<std::string> indexes_beside(SqlSession& session, const AsyncIndex& index);
/// As in a statement, the names of what the begun statement has made; `before` is what
/// indexes_beside told then, or nothing where the ledger did not keep it.
std::vector<std::string> made_indexes(SqlSession& session, const AsyncIndex& index,
                                      const std::vector<std::string>& before);

} // namespace nimbus::deploy::sql

#pragma once

#include "base/json.h"
#include "deploy/kinds/sql/sql_session.h"

#include <string>

/// How `nimbus sql -c` shows what a statement gave.
namespace nimbus::cli {

/// A table like psql's; the command's tag where there are no columns, nothing for an empty
/// statement.
std::string describe(const deploy::sql::SqlSession::Result& result);
/// `{"command": "SELECT 1", "rows": [{"name": "Alice"}]}`: values as PostgreSQL writes them, or
/// null. A column whose name occurred already gets a number: count, count_2.
json::object to_json(const deploy::sql::SqlSession::Result& result);

} // namespace nimbus::cli

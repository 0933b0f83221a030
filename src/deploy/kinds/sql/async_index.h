#pragma once

#include "deploy/kinds/sql/sql_session.h"

#include <optional>
#include <string>
#include <string_view>

namespace nimbus::deploy::sql {

/// CREATE [UNIQUE] INDEX ASYNC [IF NOT EXISTS] name ON table (columns)
struct AsyncIndex {
    std::string name; ///< as written; empty: the database chooses
    std::string table;
    std::string columns; ///< between the brackets
};

/// Nothing for any other statement.
std::optional<AsyncIndex> async_index_of(std::string_view statement);

/// The rows in the way of a unique index, for people; empty when that cannot be told.
std::string duplicates_of(SqlSession& session, const AsyncIndex& index);

} // namespace nimbus::deploy::sql

#pragma once

#include "deploy/kinds/sql/migration_batch.h"
#include "deploy/kinds/sql/sql_session.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy::sql {

/// What stands for a query of its own in a statement that names it.
struct Definition {
    enum class Kind { view, function };

    std::string name; ///< as the catalogue has it
    Kind kind = Kind::view;
    std::string text;          ///< its query or body; empty: the catalogue does not show it
    bool is_immutable = false; ///< of a function: it says that it reads no table
};

/// Throws Error where a statement that runs in batches reads the table that it changes, by its
/// views and functions: later batches would see what earlier ones have changed. `changed`: the
/// table's name as the catalogue has it.
void check_reads(std::string_view statement, const std::string& changed,
                 const std::vector<Definition>& definitions);

/// The views and functions of a schema.
std::vector<Definition> definitions_in(SqlSession& session, const std::string& schema);

/// Of a table, as it is written in a statement, what its batches go along; empty: it has no key.
std::vector<KeyColumn> primary_key(SqlSession& session, const std::string& table);

} // namespace nimbus::deploy::sql

#pragma once

#include "deploy/kinds/sql/sql_session.h"

#include <string>
#include <vector>

namespace nimbus::deploy::sql {

struct Column {
    std::string name;
    std::string type; ///< as format_type writes it, without length or precision: "bigint", "text[]"
    bool is_nullable = false;

    bool operator==(const Column&) const = default;
};

/// A table or a view.
struct Relation {
    std::string name;
    std::vector<Column> columns; ///< in their order

    bool operator==(const Relation&) const = default;
};

/// Those of a schema in the order of their names, but for the ledger of its migrations.
std::vector<Relation> relations_in(SqlSession& session, const std::string& schema);

} // namespace nimbus::deploy::sql

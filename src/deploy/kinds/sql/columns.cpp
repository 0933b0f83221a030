#include "deploy/kinds/sql/columns.h"

#include "deploy/kinds/sql/database.h"

namespace nimbus::deploy::sql {

std::vector<Relation> relations_in(SqlSession& session, const std::string& schema)
{
    const auto found = session.query(
        "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, NULL), NOT a.attnotnull "
        "FROM pg_catalog.pg_class AS c "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid "
        "WHERE n.nspname = $1::text AND c.relkind IN ('r', 'v') AND c.relname <> $2::text "
        "AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY c.relname COLLATE \"C\", a.attnum",
        {schema, std::string(ledger_table)});
    std::vector<Relation> relations;
    for (const auto& row : found.rows) {
        const auto& name = row.at(0).value();
        if (relations.empty() || relations.back().name != name)
            relations.push_back({.name = name, .columns = {}});
        relations.back().columns.push_back({.name = row.at(1).value(),
                                            .type = row.at(2).value(),
                                            .is_nullable = row.at(3).value() == "t"});
    }
    return relations;
}

} // namespace nimbus::deploy::sql

#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::dsql {

/// A relation as a statement names it.
struct TableName {
    std::string name;       ///< quoted, with its schema if the statement says it: "public"."t"
    std::string relation;   ///< without the schema and without quotes
    std::size_t offset = 0; ///< of the name in the text, and of what belongs to it: ONLY (t), t *
    std::size_t length = 0;
    bool keeps_alias = false; ///< has one, or cannot have one
    /// Are rows of it changed or locked?
    bool is_written = false;
    bool is_table_command = false; ///< TABLE t, which has no room for another name
    /// No table of its own, but the schema of a column's table: `public.` in public.t.id.
    bool is_qualifier = false;
};

/// What a statement names.
struct StatementNames {
    std::vector<TableName> tables; ///< in their order; what WITH defines is none
    /// Whatever may be a function's name, whether it is called like one or like a column.
    std::set<std::string> called;
    std::set<std::string> types;   ///< quoted, as the tables'
    std::set<std::string> aliases; ///< what the statement itself gives a name
    /// Does it mean the same when other tables take the place of its own? What is done with tables
    /// but queries and changes of rows does not, nor what names a row by its place (ctid).
    bool is_transferable = true;
    bool has_parameters = false;
    bool is_query = false; ///< SELECT, INSERT, UPDATE, DELETE
};

/// Of the one statement in `text`, which the dialect has let through.
StatementNames statement_names(const std::string& text);
/// Its tables alone.
std::vector<TableName> table_names(const std::string& text);

/// `text` with other relations in their place, where there is one: a name as SQL has it. Nothing
/// when the statement would mean something else.
std::optional<std::string> with_tables(std::string_view text, const StatementNames& names,
                                       std::span<const std::optional<std::string>> replacements);

} // namespace nimbus::local::dsql

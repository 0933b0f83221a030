#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::dsql {

/// A relation as a statement names it.
struct TableName {
    std::string name;       ///< quoted, with its schema if the statement says it: "public"."t"
    std::string relation;   ///< without the schema and without quotes
    std::size_t offset = 0; ///< of the name in the text
    std::size_t length = 0;
    bool keeps_alias = false; ///< has one, or cannot have one
    /// Are rows of it changed or locked?
    bool is_written = false;
};

/// Those of the one statement in `text`, which the dialect has let through, in their order. What
/// WITH defines is none.
std::vector<TableName> table_names(const std::string& text);

/// `text` with other relations in their place, where there is one: a name as SQL has it.
std::string with_tables(std::string_view text, std::span<const TableName> names,
                        std::span<const std::optional<std::string>> replacements);

} // namespace nimbus::local::dsql

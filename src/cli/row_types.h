#pragma once

#include "deploy/kinds/sql/columns.h"

#include <string>
#include <string_view>
#include <vector>

/// The rows of a schema's tables as types of a program's language.
namespace nimbus::cli {

enum class Language { cpp, typescript };

/// A file that declares a described struct, or an interface, for each table and view, in their
/// order. The same relations give the same text.
std::string row_types(const std::vector<deploy::sql::Relation>& relations, Language language);

/// What a value of a type of PostgreSQL, as format_type writes it, is in a program: of libnimbus's
/// types, or of those that node-postgres gives.
std::string type_for(std::string_view sql, Language language);

/// "Order" for "orders", "OrderLine" for "order_lines": one row of it.
std::string name_of_row(const std::string& relation);

} // namespace nimbus::cli

#pragma once

#include "frontends/source_arguments.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Statements that a program sends to its databases, as they stand in its sources: calls of
/// libnimbus's and nimbus-js's methods, of node-postgres's `query`, and what is written as SQL for
/// postgres.js, Kysely, drizzle and Prisma.
namespace nimbus::frontends {

/// What becomes of the rows.
enum class StatementRows {
    none,   ///< their number at most
    rows,   ///< each becomes a T
    column, ///< the first column of the one row becomes a T
};

struct SourceStatement {
    const SourceFile* file = nullptr;
    std::size_t offset = 0; ///< of the call
    std::string method;
    /// The variable that it is called on, such as db; "" where it is none.
    std::string receiver;
    /// The text; nothing when it is made at run time.
    std::optional<LiteralText> text{};
    const SourceFile* text_file = nullptr; ///< where the text is written
    /// The text names a table, and the argument is a range of rows for it.
    bool inserts = false;
    StatementRows rows = StatementRows::none;
    SourceFile::Range row_type{}; ///< T, in `file`; empty: not known
    /// Nothing when their number is not told.
    std::optional<std::vector<StatementArgument>> arguments{};
    /// It says so: a comment `nimbus: unchecked` in its line, or in the line before.
    bool is_excepted = false;
    /// Why there is no text, where there is none.
    std::string_view why_unchecked = "it is made at run time";
    /// A template: what stands in its `${…}` are the arguments.
    bool is_template = false;
    /// All arguments are surely parameters, and none a part of the statement.
    bool is_certain = true;
    /// Rows have the types that node-postgres gives.
    bool has_known_types = true;
    /// Values of json are made by the client, of whatever they are.
    bool writes_json = false;
};

struct SourceStatements {
    /// In the order of the files and in them. One that is one of several texts, by a condition, is
    /// here once for each.
    std::vector<SourceStatement> statements;
    /// The databases that variables stand for, by their names in the declarations: {"db":
    /// {"main-db"}}.
    std::map<std::string, std::set<std::string>> databases;
};

SourceStatements statements_in(const Sources& sources);

} // namespace nimbus::frontends

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The statements of a migration.
namespace nimbus::deploy::sql {

struct MigrationStatement {
    std::string text;     ///< without comments around it and the `;` behind it
    std::size_t line = 0; ///< of its first word, from 1
    /// It changes rows, which DSQL does in one transaction with the note that it is done. What
    /// changes the schema has a transaction for itself.
    /// Source: Aurora DSQL User Guide, "DDL and distributed transactions".
    bool changes_rows = false;
    /// "-- nimbus: batch" stands before it: it runs in batches, see migration_batch.h.
    bool in_batches = false;
    /// "-- nimbus: unchecked" stands before it: nothing refuses it but the database that it is for.
    bool is_unchecked = false;
    /// It is only tried, and is unchecked: what is behind it is applied also where it is refused.
    bool may_fail = false;

    bool operator==(const MigrationStatement&) const = default;
};

/// Throws Error that names a line for what is no statement of a migration: the control of
/// transactions, other roles, commands of psql, a string or comment without an end, a batch that
/// cannot be one.
std::vector<MigrationStatement> split_script(std::string_view text);

/// What a comment "-- nimbus: …" says.
struct Directive {
    std::size_t line = 0; ///< from 1
    std::string text;     ///< behind the colon, without blanks around it
};

/// Those before the first statement, in their order.
std::vector<Directive> leading_directives(std::string_view text);

/// "CREATE TABLE users", for people: the first words.
std::string title_of(const MigrationStatement& statement);

/// Does it take away what a program that is still running may use: a column, a table, a name?
bool breaks_the_version_before(const MigrationStatement& statement);

} // namespace nimbus::deploy::sql

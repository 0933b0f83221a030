#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Changes of more rows than a transaction of DSQL takes, cut into batches along a table's primary
/// key. A migration asks for it by the line "-- nimbus: batch" before the statement.
namespace nimbus::deploy::sql {

/// An UPDATE, a DELETE or an INSERT … SELECT whose batches together do what the statement does.
struct BatchStatement {
    std::string table;     ///< whose rows are cut into batches, as written: app.users, "Users"
    std::string from;      ///< the same as it stands behind FROM: with ONLY and an alias
    std::string head;      ///< up to the condition
    std::string condition; ///< behind WHERE; empty: all rows
    std::string tail;      ///< behind the condition: ON CONFLICT …; or ""
    std::string changed;   ///< whose rows change, as the catalogue has it; of an INSERT: its target
    /// Of the columns that it sets, as the catalogue has them. An INSERT sets none of `table`.
    std::vector<std::string> assigned;
};

/// A column of a primary key.
struct KeyColumn {
    std::string name;
    std::string type; ///< as in a cast
};

/// Throws Error that says why batches would not do the same as the statement.
BatchStatement batch_of(std::string_view statement);

/// Throws Error where the table has no key, or the statement changes it.
void check_key(const BatchStatement& statement, const std::vector<KeyColumn>& key);

/// Throws Error where it goes along another table than what began its batches, which was refused
/// since: they ended at a key of that one. `beginning`: as much as is known of that statement.
void check_correction(const BatchStatement& statement, std::string_view beginning);

/// The key of the last row of a batch of `rows` rows, as text, no row where fewer are left.
/// `starts_behind`: its parameters are the key that the batch before ended with.
std::string end_of_batch(const BatchStatement& statement, const std::vector<KeyColumn>& key,
                         bool starts_behind, int rows);

/// The batch itself. Its parameters: as those of end_of_batch, then with `has_end` the key of its
/// last row.
std::string one_batch(const BatchStatement& statement, const std::vector<KeyColumn>& key,
                      bool starts_behind, bool has_end);

} // namespace nimbus::deploy::sql

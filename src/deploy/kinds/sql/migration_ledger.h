#pragma once

#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_files.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a schema knows of its migrations: a table in it, with a row for each statement.
///
/// A statement that changes rows commits together with its row. One that changes the schema has a
/// transaction to itself, and so its row says "begun" before it is sent and "done" after: whoever
/// finds "begun" does not know whether it was applied. One that runs in batches is "begun" with the
/// position behind which it goes on: that commits together with each batch. A statement that the
/// database refuses is not begun any more; one whose first batches are done is "refused" then, and
/// alone may be changed.
namespace nimbus::deploy::sql {

struct LedgerEntry {
    std::string checksum;  ///< SHA-256 of the statement, hexadecimal
    std::string beginning; ///< of the statement, to show it
    bool is_done = false;
    bool is_refused = false; ///< it is not done, and may be changed
    std::string changed_at;  ///< as PostgreSQL writes times
    /// Of the last row of the batches that are done, its primary key, as text. Empty: none is done.
    /// Of an index without a name that was begun: see indexes_beside.
    std::vector<std::string> position;

    bool operator==(const LedgerEntry&) const = default;
};

/// By file, and by the number of the statement in it, from 1.
using Ledger = std::map<std::string, std::map<std::size_t, LedgerEntry>>;

std::string checksum_of(const MigrationStatement& statement);
/// As much as the ledger keeps of it.
std::string beginning_of(const MigrationStatement& statement);

/// Which statement of a migration.
struct LedgerKey {
    std::string file;
    std::size_t number = 0;
};

Ledger read_ledger(SqlSession& session, const std::string& schema);

/// The table, unless it is there. As the schema's owner.
void create_ledger(World& world, SqlSession& session, const std::string& schema);

/// Writes how far it is: begun, done, or in its batches. One row; no transaction of its own.
void write_entry(SqlSession& session, const std::string& schema, const LedgerKey& key,
                 const LedgerEntry& entry);
/// What is written of a statement; without the time.
LedgerEntry entry_of(const MigrationStatement& statement, bool is_done);
/// It was refused, and so it is not begun any more.
void remove_entry(SqlSession& session, const std::string& schema, const LedgerKey& key);
/// All of a file.
void remove_entries(SqlSession& session, const std::string& schema, const std::string& file);

} // namespace nimbus::deploy::sql

#include "deploy/kinds/sql/migration_ledger.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "crypto/digest.h"

#include <charconv>

namespace nimbus::deploy::sql {
namespace {

/// More tells a person nothing.
constexpr std::size_t kept_bytes = 2'000;
constexpr std::string_view done = "done";
constexpr std::string_view begun = "begun";

std::string table_of(const std::string& schema)
{
    return quote_identifier(schema) + "." + quote_identifier(ledger_table);
}

std::size_t number_from(const std::string& text)
{
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace

std::string checksum_of(const MigrationStatement& statement)
{
    return crypto::sha256_hex(statement.text);
}

std::string beginning_of(const MigrationStatement& statement)
{
    auto end = std::min(kept_bytes, statement.text.size());
    const auto continues_character = [&](std::size_t at) {
        return at < statement.text.size() &&
               (static_cast<unsigned char>(statement.text[at]) & 0xC0U) == 0x80U;
    };
    while (end > 0 && continues_character(end))
        --end;
    return statement.text.substr(0, end);
}

Ledger read_ledger(SqlSession& session, const std::string& schema)
{
    Ledger ledger;
    const auto found = session.query("SELECT file, statement, checksum, beginning, state, "
                                     "changed_at FROM " +
                                     table_of(schema));
    for (const auto& row : found.rows)
        ledger[row.at(0).value_or("")][number_from(row.at(1).value_or(""))] = {
            .checksum = row.at(2).value_or(""),
            .beginning = row.at(3).value_or(""),
            .is_done = row.at(4) == done,
            .changed_at = row.at(5).value_or("")};
    return ledger;
}

void create_ledger(World& world, SqlSession& session, const std::string& schema)
{
    change(world, session,
           "CREATE TABLE IF NOT EXISTS " + table_of(schema) +
               " (file text, statement integer, checksum text NOT NULL, beginning text NOT NULL, "
               "state text NOT NULL, changed_at timestamptz NOT NULL, "
               "PRIMARY KEY (file, statement))");
}

void write_entry(SqlSession& session, const std::string& schema, const LedgerKey& key,
                 const MigrationStatement& statement, bool is_done)
{
    session.query("INSERT INTO " + table_of(schema) +
                      " (file, statement, checksum, beginning, state, changed_at) "
                      "VALUES ($1, $2::integer, $3, $4, $5, now()) "
                      "ON CONFLICT (file, statement) DO UPDATE SET checksum = excluded.checksum, "
                      "beginning = excluded.beginning, state = excluded.state, "
                      "changed_at = excluded.changed_at",
                  {key.file, std::to_string(key.number), checksum_of(statement),
                   beginning_of(statement), std::string(is_done ? done : begun)});
}

void remove_entry(SqlSession& session, const std::string& schema, const LedgerKey& key)
{
    session.query("DELETE FROM " + table_of(schema) +
                      " WHERE file = $1 AND statement = $2::integer",
                  {key.file, std::to_string(key.number)});
}

} // namespace nimbus::deploy::sql

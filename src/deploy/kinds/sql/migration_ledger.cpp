#include "deploy/kinds/sql/migration_ledger.h"

#include "base/error.h"
#include "base/json.h"
#include "base/sql_text.h"
#include "crypto/digest.h"

#include <algorithm>
#include <charconv>

namespace nimbus::deploy::sql {
namespace {

/// More tells a person nothing.
constexpr std::size_t kept_bytes = 2'000;
constexpr std::string_view done = "done";
constexpr std::string_view begun = "begun";
constexpr std::string_view refused = "refused";
constexpr const char* wrong_ledger =
    "Nimbus alone writes that table. Put its row back as it was, with 'nimbus sql'.";

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

std::string_view state_of(const LedgerEntry& entry)
{
    if (entry.is_done)
        return done;
    return entry.is_refused ? refused : begun;
}

std::string to_text(const std::vector<std::string>& position)
{
    return compact_json(json::array(position.begin(), position.end()));
}

/// Throws Error where somebody wrote something else there.
std::vector<std::string> position_from(const std::string& text, const std::string& file)
{
    const auto what = "The position of " + file + " in the table " + std::string(ledger_table);
    const auto value = parse_json(text, what);
    std::vector<std::string> position;
    const auto* array = value.if_array();
    if (array == nullptr)
        throw Error(what + " must be an array, not " + text, wrong_ledger);
    for (const auto& element : *array) {
        const auto* part = element.if_string();
        if (part == nullptr)
            throw Error(what + " must be an array of texts, not " + text, wrong_ledger);
        position.emplace_back(*part);
    }
    return position;
}

/// Without positions where the ledger is of an earlier version, which had none.
SqlSession::Result all_entries(SqlSession& session, const std::string& schema)
{
    constexpr std::string_view undefined_column = "42703";
    const auto read = [&](const std::string& more) {
        return session.query("SELECT file, statement, checksum, beginning, state, changed_at" +
                             more + " FROM " + table_of(schema));
    };
    try {
        return read(", position");
    } catch (const SqlFailure& failure) {
        if (failure.sqlstate() != undefined_column)
            throw;
        return read("");
    }
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
    const auto found = all_entries(session, schema);
    for (const auto& row : found.rows) {
        const auto file = row.at(0).value_or("");
        const auto& state = row.at(4);
        if (state != done && state != begun && state != refused)
            throw Error("The table " + std::string(ledger_table) + " says of " + file + " '" +
                            state.value_or("") + "', which Nimbus does not know",
                        wrong_ledger);
        ledger[file][number_from(row.at(1).value_or(""))] = {
            .checksum = row.at(2).value_or(""),
            .beginning = row.at(3).value_or(""),
            .is_done = state == done,
            .is_refused = state == refused,
            .changed_at = row.at(5).value_or(""),
            .position = row.size() > 6 && row[6] ? position_from(*row[6], file)
                                                 : std::vector<std::string>()};
    }
    return ledger;
}

void create_ledger(World& world, SqlSession& session, const std::string& schema)
{
    change(world, session,
           "CREATE TABLE IF NOT EXISTS " + table_of(schema) +
               " (file text, statement integer, checksum text NOT NULL, beginning text NOT NULL, "
               "state text NOT NULL, changed_at timestamptz NOT NULL, position text, "
               "PRIMARY KEY (file, statement))");
    const auto columns = session.query("SELECT * FROM " + table_of(schema) + " LIMIT 0").columns;
    if (std::ranges::find(columns, "position") == columns.end()) // made by an earlier version
        change(world, session, "ALTER TABLE " + table_of(schema) + " ADD COLUMN position text");
}

LedgerEntry entry_of(const MigrationStatement& statement, bool is_done)
{
    return {.checksum = checksum_of(statement),
            .beginning = beginning_of(statement),
            .is_done = is_done,
            .is_refused = false,
            .changed_at = {},
            .position = {}};
}

void write_entry(SqlSession& session, const std::string& schema, const LedgerKey& key,
                 const LedgerEntry& entry)
{
    session.query("INSERT INTO " + table_of(schema) +
                      " (file, statement, checksum, beginning, state, changed_at, position) "
                      "VALUES ($1, $2::integer, $3, $4, $5, now(), nullif($6, '')) "
                      "ON CONFLICT (file, statement) DO UPDATE SET checksum = excluded.checksum, "
                      "beginning = excluded.beginning, state = excluded.state, "
                      "changed_at = excluded.changed_at, position = excluded.position",
                  {key.file, std::to_string(key.number), entry.checksum, entry.beginning,
                   std::string(state_of(entry)),
                   entry.position.empty() ? "" : to_text(entry.position)});
}

void remove_entry(SqlSession& session, const std::string& schema, const LedgerKey& key)
{
    session.query("DELETE FROM " + table_of(schema) +
                      " WHERE file = $1 AND statement = $2::integer",
                  {key.file, std::to_string(key.number)});
}

void remove_entries(SqlSession& session, const std::string& schema, const std::string& file)
{
    session.query("DELETE FROM " + table_of(schema) + " WHERE file = $1", {file});
}

} // namespace nimbus::deploy::sql

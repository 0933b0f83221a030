#include "sqlite/database.h"

#include "base/assert.h"
#include "base/error.h"

#include <sqlite3.h>

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus::sqlite {
namespace {

[[noreturn]] void throw_sqlite_error(sqlite3* handle, int code, std::string_view sql)
{
    if ((code & 0xff) == SQLITE_FULL)
        throw Error("The disk is full: the local cloud's state could not be written",
                    "Free some space; nothing that was saved before is lost.");
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        throw Error("The local cloud's database is damaged: " + std::string(sqlite3_errstr(code)),
                    "Run 'nimbus local check'.");
    throw Error(std::string("The local cloud's database failed: ") +
                (handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)) +
                (sql.empty() ? "" : " (in: " + std::string(sql.substr(0, 120)) + ")"));
}

Value column_value(sqlite3_stmt* statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
    case SQLITE_NULL:
        return nullptr;
    default: {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        return data != nullptr ? std::string(data, size) : std::string();
    }
    }
}

} // namespace

std::string Row::text(std::size_t column) const
{
    NIMBUS_ASSERT(column < values_.size(), "a statement's reader knows its columns");
    const Value& value = values_[column];
    if (const auto* string = std::get_if<std::string>(&value))
        return *string;
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    return {};
}

std::int64_t Row::integer(std::size_t column) const
{
    NIMBUS_ASSERT(column < values_.size(), "a statement's reader knows its columns");
    const Value& value = values_[column];
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return *number;
    if (const auto* real = std::get_if<double>(&value))
        return static_cast<std::int64_t>(*real);
    return 0;
}

bool Row::is_null(std::size_t column) const
{
    NIMBUS_ASSERT(column < values_.size(), "a statement's reader knows its columns");
    return std::holds_alternative<std::nullptr_t>(values_[column]);
}

Database::Database(const std::filesystem::path& path, Open how)
{
    const bool creates = how == Open::or_create;
    if (path != ":memory:") {
        // SQLite gives its journal files the mode of the database.
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (creates ? O_CREAT : 0), 0600);
        if (fd < 0)
            throw_system_error(errno, "Cannot open '" + path.string() + "'");
        ::fchmod(fd, 0600);
        ::close(fd);
    }
    const int code = sqlite3_open_v2(
        path.c_str(), &handle_,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (creates ? SQLITE_OPEN_CREATE : 0), nullptr);
    if (code != SQLITE_OK) {
        const std::string text = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
        sqlite3_close(handle_);
        throw Error("Cannot open '" + path.string() + "': " + text);
    }
    sqlite3_busy_timeout(handle_, 5000);
    try {
        // auto_vacuum counts in a new file alone, and comes before the journal is made.
        execute_script("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                       "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
                       "PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 16777216;");
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

Database::~Database()
{
    const RecursiveMutexLock lock(mutex_);
    NIMBUS_ASSERT(depth_ == 0, "a database is closed between transactions");
    for (const auto& [sql, statement] : statements_)
        sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

void Database::execute_script(const std::string& sql)
{
    const RecursiveMutexLock lock(mutex_);
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        throw_sqlite_error(handle_, code, sql);
}

sqlite3_stmt* Database::prepare(std::string_view sql)
{
    const auto known = std::ranges::find(
        statements_, sql, [](const auto& entry) -> std::string_view { return entry.first; });
    if (known != statements_.end())
        return known->second;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK)
        throw_sqlite_error(handle_, code, sql);
    NIMBUS_ASSERT(statement != nullptr, "a statement is more than a comment");
    statements_.emplace_back(sql, statement);
    return statement;
}

void Database::add_column(const std::string& table, const std::string& name,
                          const std::string& definition)
{
    transaction([&] {
        if (query("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", {table, name}).empty())
            execute_script("ALTER TABLE " + table + " ADD COLUMN " + name + " " + definition);
    });
}

Format Database::format()
{
    return {.application = query_one("PRAGMA application_id")->integer(0),
            .version = query_one("PRAGMA user_version")->integer(0)};
}

void Database::set_format(const Format& format)
{
    transaction([&] {
        execute_script("PRAGMA application_id = " + std::to_string(format.application) +
                       "; PRAGMA user_version = " + std::to_string(format.version));
    });
}

bool Database::is_empty()
{
    return !query_one("SELECT 1 FROM sqlite_master LIMIT 1");
}

std::vector<std::string> Database::find_damage()
{
    std::vector<std::string> found;
    for (const auto& row : query("PRAGMA integrity_check(20)"))
        found.push_back(row.text(0));
    if (found == std::vector<std::string>{"ok"})
        found.clear();
    for (const auto& row : query("PRAGMA foreign_key_check"))
        found.push_back("a row of " + row.text(0) + " refers to one of " + row.text(2) +
                        " that is not there");
    return found;
}

void Database::copy_to(const std::filesystem::path& path)
{
    query("VACUUM INTO ?", {path.string()});
}

std::int64_t Database::free_pages()
{
    return query_one("PRAGMA freelist_count")->integer(0);
}

std::int64_t Database::shrink(std::int64_t pages)
{
    const RecursiveMutexLock lock(mutex_);
    // The file becomes shorter when the journal, which says so, is written into it.
    execute_script("PRAGMA incremental_vacuum(" + std::to_string(pages) +
                   "); PRAGMA wal_checkpoint(PASSIVE)");
    return free_pages();
}

void Database::make_shrinkable()
{
    constexpr std::int64_t incremental = 2;
    if (query_one("PRAGMA auto_vacuum")->integer(0) != incremental)
        execute_script("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
}

std::vector<Row> Database::query(std::string_view sql, const std::vector<Value>& parameters)
{
    const RecursiveMutexLock lock(mutex_);
    sqlite3_stmt* statement = prepare(sql);
    // Statements stay prepared: whatever happens, this one is left ready for its next use.
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset()
        {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    } const reset{statement};
    NIMBUS_ASSERT(sqlite3_bind_parameter_count(statement) == static_cast<int>(parameters.size()),
                  "a statement gets as many values as it has parameters");
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const int position = static_cast<int>(i) + 1;
        int code = SQLITE_OK;
        if (const auto* number = std::get_if<std::int64_t>(&parameters[i]))
            code = sqlite3_bind_int64(statement, position, *number);
        else if (const auto* real = std::get_if<double>(&parameters[i]))
            code = sqlite3_bind_double(statement, position, *real);
        else if (const auto* text = std::get_if<std::string>(&parameters[i]))
            code = sqlite3_bind_text64(statement, position, text->data(), text->size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
        else
            code = sqlite3_bind_null(statement, position);
        if (code != SQLITE_OK)
            throw_sqlite_error(handle_, code, sql);
    }
    std::vector<Row> rows;
    for (;;) {
        const int code = sqlite3_step(statement);
        if (code == SQLITE_DONE)
            return rows;
        if (code != SQLITE_ROW)
            throw_sqlite_error(handle_, code, sql);
        std::vector<Value> values;
        const int columns = sqlite3_column_count(statement);
        values.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column)
            values.push_back(column_value(statement, column));
        rows.emplace_back(std::move(values));
    }
}

std::optional<Row> Database::query_one(std::string_view sql, const std::vector<Value>& parameters)
{
    auto rows = query(sql, parameters);
    if (rows.empty())
        return {};
    return std::move(rows.front());
}

std::int64_t Database::execute(std::string_view sql, const std::vector<Value>& parameters)
{
    const RecursiveMutexLock lock(mutex_);
    query(sql, parameters);
    return sqlite3_changes64(handle_);
}

void Database::begin()
{
    if (depth_ == 0)
        execute_script("BEGIN IMMEDIATE");
    ++depth_;
}

void Database::commit()
{
    NIMBUS_ASSERT(depth_ > 0, "what is committed was begun");
    if (depth_ == 1)
        execute_script("COMMIT");
    --depth_;
}

void Database::roll_back() noexcept
{
    NIMBUS_ASSERT(depth_ > 0, "what is rolled back was begun");
    if (--depth_ == 0)
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace nimbus::sqlite

#pragma once

#include "base/mutex.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace nimbus::sqlite {

/// A value to bind; text and blobs are copied.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// One row of a result, valid as long as it is kept: values are copied out.
class Row {
public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

    std::string text(std::size_t column) const;     ///< "" for NULL
    std::int64_t integer(std::size_t column) const; ///< 0 for NULL
    bool is_null(std::size_t column) const;

private:
    std::vector<Value> values_;
};

/// What a file says of itself: whose it is, and which version of its tables it has. SQLite's
/// application_id and user_version; both are 0 in a file that does not say.
struct Format {
    std::int64_t application = 0;
    std::int64_t version = 0;

    bool operator==(const Format&) const = default;
};

/// One connection to one file, shared by threads under a lock: WAL, foreign keys on, 5 s busy
/// timeout, mode 0600. Failures throw Error with SQLite's text; a full disk and a damaged file are
/// named as such. Pages that are free can be given back in steps (`shrink`).
class Database {
public:
    enum class Open { or_create, existing };

    explicit Database(const std::filesystem::path& path, ///< ":memory:" works
                      Open how = Open::or_create);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs one or more statements without parameters.
    void execute_script(const std::string& sql);
    /// Adds a column that a table of an earlier version lacks. All three are written in the source.
    void add_column(const std::string& table, const std::string& name,
                    const std::string& definition);
    /// Runs one statement; returns its rows.
    std::vector<Row> query(std::string_view sql, const std::vector<Value>& parameters = {});
    std::optional<Row> query_one(std::string_view sql, const std::vector<Value>& parameters = {});
    /// Runs one statement; returns the number of rows changed.
    std::int64_t execute(std::string_view sql, const std::vector<Value>& parameters = {});

    Format format();
    void set_format(const Format& format);
    /// No table was made in it yet.
    bool is_empty();
    /// Reads all of it; what SQLite finds wrong, at most some tens of lines.
    std::vector<std::string> find_damage();
    /// Writes what it holds now to a file that is not there yet. Others may write meanwhile.
    void copy_to(const std::filesystem::path& path);

    std::int64_t free_pages();
    /// Gives up to `pages` free pages back to the file system; returns how many are left.
    std::int64_t shrink(std::int64_t pages);
    /// Makes `shrink` possible in a file that was made without: writes all of it anew.
    void make_shrinkable();

    /// Runs `body` in one transaction that other threads do not see half-done: commits when it
    /// returns, rolls back when it throws. Nested calls join the outer transaction.
    template <class Body>
    auto transaction(Body&& body)
    {
        const RecursiveMutexLock lock(mutex_);
        begin();
        try {
            if constexpr (std::is_void_v<decltype(body())>) {
                body();
                commit();
            } else {
                auto result = body();
                commit();
                return result;
            }
        } catch (...) {
            roll_back();
            throw;
        }
    }

private:
    void begin() NIMBUS_REQUIRES(mutex_);
    void commit() NIMBUS_REQUIRES(mutex_);
    /// A failure inside a nested call travels outwards as an exception, so that the outermost
    /// transaction, which began it, also ends it.
    void roll_back() noexcept NIMBUS_REQUIRES(mutex_);
    sqlite3_stmt* prepare(std::string_view sql) NIMBUS_REQUIRES(mutex_);

    RecursiveMutex mutex_;
    sqlite3* handle_ NIMBUS_PT_GUARDED_BY(mutex_) = nullptr; ///< opened without SQLite's own locks
    /// Prepared once, by text.
    std::vector<std::pair<std::string, sqlite3_stmt*>> statements_ NIMBUS_GUARDED_BY(mutex_);
    int depth_ NIMBUS_GUARDED_BY(mutex_) = 0; ///< of nested transactions
};

} // namespace nimbus::sqlite

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nimbus/detail/app_part.hpp>
#include <nimbus/detail/sql_mapping.hpp>
#include <nimbus/sql_error.hpp>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nimbus {

struct sql_options {
    std::string name; ///< lower-case letters, digits, dashes: becomes SQL_<NAME>_ENDPOINT etc.
    /// The application's schema in the cluster; empty: the name, with _ for -.
    std::string schema{};
    /// Refuse to delete the cluster until this is taken back.
    bool deletion_protection = true;
    /// Use the shared cluster of that name instead of one of the application's own.
    std::string cluster{};
    /// The directory of the schema's migrations, in the project's: 0001_users.sql and so on.
    /// `nimbus deploy` applies each once, before the functions of the new version run. Empty: none.
    std::string migrations{};
};

namespace sql {

/// Where the database is, as the deployment has told the function (SQL_<NAME>_…).
struct database_info {
    std::string endpoint;
    std::string identifier;
    std::string schema;
    std::string db_role;
    std::string arn;
};

struct transaction_options {
    int max_attempts = 3; ///< the first one included
    /// Before the second attempt; doubled for each further one, with up to as much again at random.
    std::chrono::milliseconds base_delay{10};
    std::chrono::milliseconds max_delay{1000};
};

namespace detail {
class Link; // one database's connection and its state; sdk/cpp/src/sql/link.h
enum class scope { autocommit, transaction };

result run(Link& to, scope in, std::string_view text, const parameter_list& parameters);
void run_transaction(Link& on, const transaction_options& options,
                     const std::function<void()>& body);
const database_info& info_of(Link& of);
const std::string& name_of(const Link& of) noexcept;

[[noreturn]] void throw_row_count(std::string_view function, std::size_t rows);

/// The calls that database and transaction share. `$1`, `$2`, … in the text stand for the further
/// arguments, which are always sent apart from the text: bool, integers, double, text,
/// nimbus::uuid, timestamp and date, json::value, std::optional and nullptr (NULL).
///
/// A row becomes a T: a described struct by its columns' names (columns that it has no member for
/// are ignored), json::object with all columns, std::tuple by position, or, with a single column, a
/// plain value. NULL needs std::optional. All throw the classes of sql_error.hpp.
class queries {
public:
    template <class T, class... Arguments>
    std::vector<T> query(std::string_view text, const Arguments&... arguments) const
    {
        return rows_as<T>(run(*link_, scope_, text, make_parameters(arguments...)));
    }

    /// The one row; no_rows or too_many_rows otherwise.
    template <class T, class... Arguments>
    T query_one(std::string_view text, const Arguments&... arguments) const
    {
        auto rows = query<T>(text, arguments...);
        if (rows.size() != 1)
            throw_row_count("query_one", rows.size());
        return std::move(rows.front());
    }

    /// The row if there is one; too_many_rows otherwise.
    template <class T, class... Arguments>
    std::optional<T> query_optional(std::string_view text, const Arguments&... arguments) const
    {
        auto rows = query<T>(text, arguments...);
        if (rows.empty())
            return std::nullopt;
        if (rows.size() != 1)
            throw_row_count("query_optional", rows.size());
        return std::move(rows.front());
    }

    /// The first column of the one row.
    template <class T, class... Arguments>
    T query_value(std::string_view text, const Arguments&... arguments) const
    {
        const auto rows = run(*link_, scope_, text, make_parameters(arguments...));
        if (rows.row_count() != 1)
            throw_row_count("query_value", rows.row_count());
        return field_as<T>(rows, 0, 0);
    }

    /// The number of rows inserted, updated or deleted; 0 for other statements.
    template <class... Arguments>
    std::uint64_t execute(std::string_view text, const Arguments&... arguments) const
    {
        return run(*link_, scope_, text, make_parameters(arguments...)).affected_rows();
    }

protected:
    queries(std::shared_ptr<Link> link, scope scope) noexcept
        : link_(std::move(link)), scope_(scope)
    {
    }
    ~queries() = default;
    queries(const queries&) = default;
    queries& operator=(const queries&) = default;

    std::shared_ptr<Link> link_;

private:
    scope scope_;
};

} // namespace detail

/// The statements of one transaction; handed to the function given to database::transaction and
/// valid while that runs.
class transaction : public detail::queries {
public:
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

private:
    friend class database;
    explicit transaction(std::shared_ptr<detail::Link> link) noexcept
        : queries(std::move(link), detail::scope::transaction)
    {
    }
};

/// A database of the application. Cheap to copy: handlers capture it by value, and the copies share
/// one connection, which is opened by the first statement, kept for the next invocations and
/// renewed when it is old or lost. Each statement outside of transaction() is one of its own, and
/// is sent again, as there, when it meets a conflict.
/// For one thread.
class database : public detail::queries {
public:
    /// Used by app::sql.
    explicit database(std::shared_ptr<detail::Link> link) noexcept
        : queries(std::move(link), detail::scope::autocommit)
    {
    }

    /// Runs `f(transaction&)` between BEGIN and COMMIT and returns what it returns. An exception
    /// rolls back and goes on. On a conflict with another transaction (serialization_failure),
    /// rolls back and runs `f` again, so `f` must do nothing but SQL that it cannot do twice.
    /// Inside, use the transaction, not the database: that throws usage_error.
    template <class F>
    auto transaction(F&& f, const transaction_options& options = {}) const
    {
        using answer = std::invoke_result_t<F&, sql::transaction&>;
        sql::transaction statements(link_);
        if constexpr (std::is_void_v<answer>) {
            detail::run_transaction(*link_, options, [&] { f(statements); });
        } else {
            std::optional<answer> result;
            detail::run_transaction(*link_, options, [&] { result.emplace(f(statements)); });
            return *std::move(result);
        }
    }

    /// As the application declares it.
    const std::string& name() const noexcept { return detail::name_of(*link_); }
    /// Throws usage_error outside of a deployed function.
    const database_info& info() const { return detail::info_of(*link_); }
};

} // namespace sql

namespace detail {

/// The part of nimbus::app that is about databases.
class sql_declarations : public virtual app_part {
public:
    /// A PostgreSQL database (Aurora DSQL). Handlers capture the result by value.
    sql::database sql(sql_options options,
                      std::source_location declared = std::source_location::current());

protected:
    ~sql_declarations() = default;
};

} // namespace detail

} // namespace nimbus

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nimbus/detail/app_part.hpp>
#include <nimbus/detail/sql_mapping.hpp>
#include <nimbus/sql_error.hpp>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
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
    /// A file of rows to work with, in the project's directory. `nimbus deploy` runs it behind the
    /// migrations on the local cloud and in previews, each statement once. Empty: none.
    std::string seed{};
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
    int max_attempts = 3; ///< the first one included; at least 1
    /// Before the second attempt; doubled for each further one, with up to as much again at random.
    std::chrono::milliseconds base_delay{10};
    std::chrono::milliseconds max_delay{1000};
};

namespace detail {
class Link; // one database's connection and its state; sdk/cpp/src/sql/link.h
enum class scope { autocommit, transaction };

/// A statement of a pipeline.
struct statement_text {
    std::string text;
    parameter_list parameters;
    bool gives_rows = true; ///< they are read, and may not be what is wanted
};

result run(Link& to, scope in, std::string_view text, const parameter_list& parameters);
/// Each row is the only one of the result that `take` gets, which says whether it wants more.
void run_each(Link& to, scope in, std::string_view text, const parameter_list& parameters,
              const std::function<bool(const result&)>& take);
/// What `read` throws for the results rolls back, outside of a transaction.
void run_all(Link& to, scope in, std::span<const statement_text> statements,
             const std::function<void(std::span<const result>)>& read);
/// COPY … FROM STDIN, with rows in its text format.
std::uint64_t copy_rows(Link& to, scope in, std::string_view text, std::string_view rows);
void run_transaction(Link& on, const transaction_options& options,
                     const std::function<void(int attempt)>& body);
const database_info& info_of(Link& of);
const std::string& name_of(const Link& of) noexcept;

[[noreturn]] void throw_row_count(std::string_view function, std::size_t rows);

template <class T>
T one_row(const result& in)
{
    if (in.row_count() != 1)
        throw_row_count("query_one", in.row_count());
    return row_reader<T>(in)(in, 0);
}

template <class T>
std::optional<T> one_row_or_none(const result& in)
{
    if (in.row_count() > 1)
        throw_row_count("query_optional", in.row_count());
    return in.row_count() == 0 ? std::nullopt : std::optional<T>(row_reader<T>(in)(in, 0));
}

template <class T>
T one_value(const result& in)
{
    if (in.row_count() != 1)
        throw_row_count("query_value", in.row_count());
    return field_as<T>(in, 0, 0);
}

/// Sends rows in batches, each of which fits into a transaction of DSQL.
class copied_rows {
public:
    copied_rows(Link& to, scope in, std::string_view table,
                std::span<const std::string_view> columns);
    void add(const parameter_list& row);
    /// The number of all rows.
    std::uint64_t finish();

private:
    void send();

    Link& link_;
    scope scope_;
    std::string statement_;
    std::string text_{}; ///< the rows that are not sent yet
    std::size_t rows_ = 0;
    std::uint64_t inserted_ = 0;
};

/// The same for rows of which the database is to return columns; each call may give some of them.
class inserted_rows {
public:
    inserted_rows(Link& to, scope in, std::string_view table,
                  std::span<const std::string_view> columns,
                  std::span<const std::string_view> returned);
    std::optional<result> add(parameter_list row);
    std::optional<result> finish();

private:
    result send();

    Link& link_;
    scope scope_;
    std::size_t columns_;
    std::string beginning_; ///< of the statement, up to the values
    std::string end_;       ///< what follows them
    parameter_list values_{};
    std::size_t bytes_ = 0;
    std::uint64_t inserted_ = 0;
};

template <nimbus::detail::described Row>
parameter_list row_parameters(const Row& row)
{
    parameter_list values;
    values.reserve(nimbus::detail::member_names<Row>.size());
    boost::mp11::mp_for_each<nimbus::detail::members_of<Row>>(
        [&](auto member) { values.push_back(make_parameter(row.*member.pointer)); });
    return values;
}

} // namespace detail

/// A statement for `pipeline`, and what it gives there: made by the functions below.
template <class Answer>
struct statement {
    detail::statement_text content;
    Answer (*read)(const detail::result&);
};

template <class T, class... Arguments>
statement<std::vector<T>> query(std::string text, const Arguments&... arguments)
{
    return {{std::move(text), detail::make_parameters(arguments...)}, detail::rows_as<T>};
}
template <class T, class... Arguments>
statement<T> query_one(std::string text, const Arguments&... arguments)
{
    return {{std::move(text), detail::make_parameters(arguments...)}, detail::one_row<T>};
}
template <class T, class... Arguments>
statement<std::optional<T>> query_optional(std::string text, const Arguments&... arguments)
{
    return {{std::move(text), detail::make_parameters(arguments...)}, detail::one_row_or_none<T>};
}
template <class T, class... Arguments>
statement<T> query_value(std::string text, const Arguments&... arguments)
{
    return {{std::move(text), detail::make_parameters(arguments...)}, detail::one_value<T>};
}
template <class... Arguments>
statement<std::uint64_t> execute(std::string text, const Arguments&... arguments)
{
    return {{std::move(text), detail::make_parameters(arguments...), false},
            [](const detail::result& in) { return in.affected_rows(); }};
}

namespace detail {

template <class Answer>
Answer answer_of(const statement<Answer>& asked, std::size_t number, const result& in)
{
    try {
        return asked.read(in);
    } catch (error& failure) {
        set_statement(failure, number);
        throw;
    }
}

} // namespace detail

namespace detail {

/// The calls that database and transaction share. Outside of a transaction, a statement is done
/// when its answer is read: no_rows, too_many_rows and mapping_error do not undo it, as they do
/// when they leave the function of a transaction.
///
/// `$1`, `$2`, … in the text stand for the further
/// arguments, which are always sent apart from the text: bool, integers, double, text, enumerations
/// (their names), nimbus::uuid, timestamp, date, decimal and interval, the types of std::chrono,
/// bytes, std::vector, std::span and other ranges (arrays: `= ANY($1)`), described structs, maps
/// and json::value (json), std::optional and nullptr (NULL).
///
/// A row becomes a T: a described struct by its columns' names (columns that it has no member for
/// are ignored), json::object with all columns, std::tuple by position, or, with a single column, a
/// plain value. NULL needs std::optional, or a member with an initialiser that is not the empty
/// value of its type: that stands for NULL, and for a column that is not there. A member that is a
/// struct, a map or a std::variant is read from json. All throw the classes of sql_error.hpp.
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
        return one_row<T>(run(*link_, scope_, text, make_parameters(arguments...)));
    }

    /// The row if there is one; too_many_rows otherwise.
    template <class T, class... Arguments>
    std::optional<T> query_optional(std::string_view text, const Arguments&... arguments) const
    {
        return one_row_or_none<T>(run(*link_, scope_, text, make_parameters(arguments...)));
    }

    /// The first column of the one row.
    template <class T, class... Arguments>
    T query_value(std::string_view text, const Arguments&... arguments) const
    {
        return one_value<T>(run(*link_, scope_, text, make_parameters(arguments...)));
    }

    /// The number of rows inserted, updated or deleted; 0 for other statements.
    template <class... Arguments>
    std::uint64_t execute(std::string_view text, const Arguments&... arguments) const
    {
        return run(*link_, scope_, text, make_parameters(arguments...)).affected_rows();
    }

    /// Calls `f(T)` with each row as it arrives, of as many as there may be: only one is in memory.
    /// `f` may return false to end this. The arguments of the statement come after `f`:
    ///
    ///     db.query_each<User>([&](const User& user) { … }, "SELECT * FROM users WHERE age > $1",
    ///     17);
    ///
    /// The connection is busy until the end: `f` cannot use this database. A conflict runs the
    /// statement again only before the first row.
    template <class T, class F, class... Arguments>
    void query_each(F&& f, std::string_view text, const Arguments&... arguments) const
    {
        std::optional<row_reader<T>> read;
        run_each(*link_, scope_, text, make_parameters(arguments...), [&](const result& row) {
            if (!read)
                read.emplace(row);
            if constexpr (std::same_as<std::invoke_result_t<F&, T>, bool>) {
                return f((*read)(row, 0));
            } else {
                f((*read)(row, 0));
                return true;
            }
        });
    }

    /// Sends all statements before the first answer is there, instead of one after the other, and
    /// gives the answers as a tuple:
    ///
    ///     const auto [user, posts] = db.pipeline(
    ///         sql::query_one<User>("SELECT * FROM users WHERE id = $1", id),
    ///         sql::query<Post>("SELECT * FROM posts WHERE user_id = $1", id));
    ///
    /// All of them are one transaction. An error says which statement failed
    /// (sql::error::statement), and then none has happened: also where its rows are not what is
    /// wanted (no_rows, too_many_rows, mapping_error). A pipeline of reads, or of execute alone,
    /// takes one trip to the database. One that changes data and gives rows takes a second, for the
    /// COMMIT; reads in which a function writes are sent again for that. In a transaction, the
    /// statements are part of it: the error must leave its function.
    template <class... Answer>
    std::tuple<Answer...> pipeline(const statement<Answer>&... statements) const
    {
        static_assert(sizeof...(Answer) > 0, "a pipeline has statements");
        const std::array<statement_text, sizeof...(Answer)> texts{statements.content...};
        std::optional<std::tuple<Answer...>> answers;
        run_all(*link_, scope_, texts, [&](std::span<const result> results) {
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                answers.emplace(std::tuple<Answer...>{answer_of(statements, I + 1, results[I])...});
            }(std::index_sequence_for<Answer...>{});
        });
        return *std::move(answers);
    }

    /// Inserts the described structs of a range, by COPY: their members are the columns. Returns
    /// how many there were. Outside of a transaction, they go in batches that DSQL takes in a
    /// transaction each: at most 3,000 rows and 4 MiB. A failure then keeps the batches before it,
    /// and its hint says how many rows these had. A column that is to have its default must not be
    /// a member: nullopt is NULL.
    template <nimbus::detail::range_like Rows>
    std::uint64_t insert(std::string_view table, const Rows& rows) const
    {
        using row = typename Rows::value_type;
        copied_rows batches(*link_, scope_, table, nimbus::detail::member_names<row>);
        for (const auto& each : rows)
            batches.add(row_parameters(each));
        return batches.finish();
    }

    /// The same by INSERT, with those columns of the new rows that T has as members:
    /// `db.insert<User>("users", new_users)` gives ids and defaults.
    template <nimbus::detail::described T, nimbus::detail::range_like Rows>
    std::vector<T> insert(std::string_view table, const Rows& rows) const
    {
        using row = typename Rows::value_type;
        inserted_rows batches(*link_, scope_, table, nimbus::detail::member_names<row>,
                              nimbus::detail::member_names<T>);
        std::vector<T> returned;
        const auto keep = [&](const std::optional<result>& batch) {
            if (!batch)
                return;
            const row_reader<T> read(*batch);
            for (std::size_t i = 0; i < batch->row_count(); ++i)
                returned.push_back(read(*batch, i));
        };
        for (const auto& each : rows)
            keep(batches.add(row_parameters(each)));
        keep(batches.finish());
        return returned;
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

    /// How often the function has begun, this time included: 2 after the first conflict.
    int attempt() const noexcept { return attempt_; }

private:
    friend class database;
    explicit transaction(std::shared_ptr<detail::Link> link) noexcept
        : queries(std::move(link), detail::scope::transaction)
    {
    }

    int attempt_ = 1;
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
    /// rolls back and goes on. BEGIN, COMMIT and ROLLBACK as statements are refused (usage_error),
    /// as they are outside of it. On a conflict with another transaction (serialization_failure),
    /// rolls back and runs `f` again, so `f` must do nothing but SQL that it cannot do twice.
    /// Inside, use the transaction, not the database: that throws usage_error.
    template <class F>
    auto transaction(F&& f, const transaction_options& options = {}) const
    {
        using answer = std::invoke_result_t<F&, sql::transaction&>;
        sql::transaction statements(link_);
        if constexpr (std::is_void_v<answer>) {
            detail::run_transaction(*link_, options, [&](int attempt) {
                statements.attempt_ = attempt;
                f(statements);
            });
        } else {
            std::optional<answer> result;
            detail::run_transaction(*link_, options, [&](int attempt) {
                statements.attempt_ = attempt;
                result.emplace(f(statements));
            });
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

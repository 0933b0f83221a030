#include "sql/link.h"

#include "base/error.h"
#include "base/sql_tokens.h"
#include "io/environment.h"
#include "io/random_pause.h"
#include "sigv4/sigv4.h"

#include <algorithm>
#include <array>
#include <exception>
#include <thread>

namespace nimbus::sql::detail {

namespace {

using nimbus::detail::environment_credentials;
using nimbus::detail::environment_variable;
using nimbus::detail::random_pause;
using nimbus::detail::variable_prefix;

constexpr std::chrono::seconds token_lifetime{900};
/// Of what a handler has left to answer after a timeout.
constexpr std::chrono::milliseconds time_to_cancel{100};

std::string required_variable(const std::string& name, const std::string& database)
{
    auto value = environment_variable(name);
    if (!value && nimbus::detail::manifest_out())
        throw usage_error(
            {.message = "the database " + database +
                        " cannot be used: nimbus runs the program to learn what it declares, and "
                        "there is no database then",
             .hint = "use it in a handler, not in main() or for a global variable"});
    if (!value)
        throw usage_error(
            {.message = "the database " + database + " cannot be used: " + name + " is not set",
             .hint = "deploy the application: `nimbus deploy` gives its functions these "
                     "variables, and `nimbus test -- COMMAND` gives them to tests, with a "
                     "database of their own"});
    return *std::move(value);
}

std::string sign_token(const std::string& host, const std::string& region)
{
    const auto credentials = environment_credentials();
    if (!credentials)
        throw access_denied({.message = "there are no AWS credentials to sign a token with: "
                                        "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set"});
    return sigv4::dsql_token(host, "DbConnect", *credentials, region, token_lifetime, system_now());
}

/// A cluster that sleeps, or that has had too many connections in this second, asks for patience.
bool asks_to_retry(const error& failure)
{
    return failure.sqlstate() == "53300" || failure.sqlstate() == "53400" ||
           failure.message().find("waking up") != std::string::npos;
}

constexpr std::string_view read_only_transaction = "25006"; // SQLSTATE: it cannot write
const parameter_list no_parameters;

/// Do its words say that the statement changes nothing? A function in it may.
bool seems_to_read(std::string_view text)
{
    constexpr std::array<std::string_view, 4> reading{"select", "with", "values", "table"};
    constexpr std::array<std::string_view, 5> writing{"insert", "update", "delete", "merge",
                                                      "into"};
    const auto tokens = tokenize_sql(text);
    const auto is_one_of = [](const SqlToken& token, const auto& words) {
        return std::ranges::any_of(words, [&](auto word) { return token.is(word); });
    };
    return !tokens.empty() && is_one_of(tokens.front(), reading) &&
           std::ranges::none_of(tokens,
                                [&](const auto& token) { return is_one_of(token, writing); });
}

std::vector<bound_statement> bind(std::span<const statement_text> statements)
{
    std::vector<bound_statement> bound;
    bound.reserve(statements.size());
    for (const auto& each : statements)
        bound.push_back({each.text, &each.parameters, bound.size() + 1});
    return bound;
}

std::vector<bound_statement> begun_with(std::string_view begin,
                                        std::span<const bound_statement> statements)
{
    std::vector<bound_statement> begun{{begin, &no_parameters}};
    begun.insert(begun.end(), statements.begin(), statements.end());
    return begun;
}

/// Throws for a statement that begins or ends a transaction: what it did would not be undone by
/// what follows, or be undone by nobody.
void refuse_control(std::string_view text, std::size_t number = 0)
{
    if (const auto word = transaction_control(text))
        throw usage_error(
            {.message = "the statement " + std::string(*word) +
                        " would begin or end a transaction, which only database::transaction does",
             .hint = "leave it out: database::transaction commits when its function returns, and "
                     "rolls back when that throws",
             .statement = number});
}

void check_options(const transaction_options& options)
{
    const auto refuse = [](const char* name, const std::string& value, const char* wanted) {
        throw usage_error({.message = std::string("transaction_options::") + name + " is " + value +
                                      ", and must be " + wanted});
    };
    const auto check_delay = [&](const char* name, std::chrono::milliseconds delay) {
        if (delay < std::chrono::milliseconds::zero())
            refuse(name, std::to_string(delay.count()) + " ms", "0 ms or more");
    };
    if (options.max_attempts < 1)
        refuse("max_attempts", std::to_string(options.max_attempts),
               "at least 1: the first attempt counts");
    check_delay("base_delay", options.base_delay);
    check_delay("max_delay", options.max_delay);
}

/// True for as long as it lives.
class Flag {
public:
    explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
    ~Flag() { flag_ = false; }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;

private:
    bool& flag_;
};

} // namespace

LinkSettings settings_from_environment(const std::string& name)
{
    const auto prefix = variable_prefix("SQL", name);
    LinkSettings settings;
    settings.info = {.endpoint = required_variable(prefix + "ENDPOINT", name),
                     .identifier = environment_variable(prefix + "IDENTIFIER").value_or(""),
                     .schema = required_variable(prefix + "SCHEMA", name),
                     .db_role = required_variable(prefix + "DB_ROLE", name),
                     .arn = environment_variable(prefix + "ARN").value_or("")};
    settings.ca_file = environment_variable("PGSSLROOTCERT").value_or("");
    if (settings.ca_file == "system")
        settings.ca_file.clear();
    const auto region = required_variable("AWS_REGION", name);
    settings.password = [host = settings.info.endpoint, region] {
        return sign_token(host, region);
    };
    return settings;
}

Link::Link(std::string name, std::function<LinkSettings()> settings,
           std::shared_ptr<const nimbus::detail::CurrentInvocation> invocation)
    : name_(std::move(name)), read_settings_(std::move(settings)),
      invocation_(std::move(invocation))
{
}

const LinkSettings& Link::settings()
{
    if (!settings_)
        settings_ = read_settings_();
    return *settings_;
}

ConnectionSettings Link::connection_settings()
{
    const auto& known = settings();
    return {.host = known.info.endpoint,
            .port = known.port,
            .user = known.info.db_role,
            .schema = known.info.schema,
            .password = known.password};
}

std::unique_ptr<Connection> Link::connect()
{
    try {
        if (!roots_)
            roots_.emplace(settings().ca_file);
    } catch (const Error& failure) {
        throw connection_error({.message = failure.what(), .hint = failure.hint()});
    }
    const auto wanted = connection_settings();
    const auto until = deadline();
    constexpr Backoff backoff{.first = std::chrono::milliseconds{50},
                              .longest = std::chrono::milliseconds{1000}};
    for (int failures = 1;; ++failures) {
        const auto pause = random_pause(backoff, failures);
        try {
            return std::make_unique<Connection>(wanted, *roots_, until);
        } catch (const error& failure) {
            if (!asks_to_retry(failure) || until.remaining() <= pause)
                throw;
        }
        std::this_thread::sleep_for(pause);
    }
}

Connection& Link::ready_connection()
{
    if (connection_ &&
        (connection_->age() >= settings().max_connection_age || !connection_->usable()))
        connection_.reset();
    if (!connection_)
        connection_ = connect();
    return *connection_;
}

template <class Work>
auto Link::on_connection(Work work)
{
    try {
        return work(*connection_);
    } catch (const timeout&) {
        if (const auto key = connection_->cancel_key())
            cancel(*key, connection_settings(), *roots_,
                   Deadline::after(std::min(time_to_cancel, deadline().remaining())));
        throw;
    }
}

template <class Work>
auto Link::on_ready_connection(Work work)
{
    ready_connection();
    try {
        return on_connection(work);
    } catch (const NotSent&) {
        connection_.reset();
    }
    ready_connection();
    return on_connection(work);
}

template <class Work>
auto Link::on_its_own(Work work)
{
    auto answer = on_ready_connection(work);
    if (connection_->in_transaction()) {
        roll_back();
        throw usage_error(
            {.message = "a statement began a transaction", .hint = "use database::transaction"});
    }
    return answer;
}

template <class Attempt, class MayRepeat>
auto Link::retry_conflicts(const transaction_options& options, Attempt attempt,
                           MayRepeat may_repeat)
{
    const Backoff backoff{.first = options.base_delay, .longest = options.max_delay};
    for (int failures = 1;; ++failures) {
        const auto pause = random_pause(backoff, failures);
        try {
            return attempt();
        } catch (const serialization_failure&) {
            if (failures >= options.max_attempts || deadline().remaining() <= pause ||
                !may_repeat())
                throw;
        }
        std::this_thread::sleep_for(pause);
    }
}

template <class Attempt>
auto Link::retry_conflicts(const transaction_options& options, Attempt attempt)
{
    return retry_conflicts(options, attempt, [] { return true; });
}

void Link::check_scope(scope in) const
{
    if (is_reading_rows_)
        throw usage_error({.message = "a statement is run while query_each reads another's rows",
                           .hint = "run it after query_each"});
    if (in == scope::transaction && (!in_transaction_ || !connection_))
        throw usage_error({.message = "the transaction is over"});
    if (in == scope::autocommit && in_transaction_)
        throw usage_error({.message = "the database is used inside its own transaction",
                           .hint = "use the transaction that the function is given"});
}

template <class Work>
auto Link::perform(scope in, Work work)
{
    check_scope(in);
    if (in == scope::transaction)
        return on_connection(work);
    return retry_conflicts({}, [&] { return on_its_own(work); });
}

result Link::run(scope in, std::string_view text, const parameter_list& parameters)
{
    return perform(
        in, [&](Connection& connection) { return connection.run(text, parameters, deadline()); });
}

std::uint64_t Link::copy_in(scope in, std::string_view text, std::string_view rows)
{
    return perform(
        in, [&](Connection& connection) { return connection.copy_in(text, rows, deadline()); });
}

void Link::run_each(scope in, const bound_statement& statement, const RowTaker& take)
{
    check_scope(in);
    bool has_begun = false;
    bool is_done = false;
    std::exception_ptr failure;
    const auto take_unless_done = [&](const result& row) {
        has_begun = true;
        if (is_done)
            return true;
        const Flag reading(is_reading_rows_);
        if (in == scope::autocommit)
            return take(row);
        // The transaction goes on with this connection: the further rows are read and dropped.
        try {
            is_done = !take(row);
        } catch (...) {
            failure = std::current_exception();
            is_done = true;
        }
        return true;
    };
    const auto work = [&](Connection& connection) {
        connection.run_each(statement, take_unless_done, deadline());
        return true;
    };
    if (in == scope::transaction)
        on_connection(work);
    else
        retry_conflicts({}, [&] { return on_its_own(work); }, [&] { return !has_begun; });
    if (failure)
        std::rethrow_exception(failure);
}

void Link::run_all(scope in, std::span<const statement_text> statements, const ResultsReader& read)
{
    const auto bound = bind(statements);
    if (in == scope::transaction) {
        read(perform(
            in, [&](Connection& connection) { return connection.run_all(bound, deadline()); }));
        return;
    }
    check_scope(in);
    if (std::ranges::none_of(statements, &statement_text::gives_rows)) {
        read(run_at_once("BEGIN", bound));
        return;
    }
    if (std::ranges::all_of(statements, seems_to_read, &statement_text::text)) {
        try {
            read(run_at_once("BEGIN READ ONLY", bound));
            return;
        } catch (const error& failure) {
            if (failure.sqlstate() != read_only_transaction)
                throw; // else a function writes
        }
    }
    run_then_commit(bound, read);
}

template <class Work>
auto Link::in_own_transaction(Work work)
{
    return retry_conflicts({}, [&] {
        try {
            return on_its_own(work);
        } catch (...) {
            roll_back();
            throw;
        }
    });
}

std::vector<result> Link::run_at_once(std::string_view begin,
                                      std::span<const bound_statement> statements)
{
    auto whole = begun_with(begin, statements);
    whole.push_back({"COMMIT", &no_parameters});
    auto results = in_own_transaction(
        [&](Connection& connection) { return connection.run_all(whole, deadline()); });
    results.pop_back();
    results.erase(results.begin());
    return results;
}

void Link::run_then_commit(std::span<const bound_statement> statements, const ResultsReader& read)
{
    const auto begun = begun_with("BEGIN", statements);
    in_own_transaction([&](Connection& connection) {
        const auto results = connection.run_all(begun, deadline());
        read(std::span(results).subspan(1));
        return connection.run("COMMIT", {}, deadline());
    });
}

void Link::roll_back() noexcept
{
    try {
        if (connection_ && connection_->usable() && connection_->in_transaction())
            connection_->run("ROLLBACK", {}, deadline());
    } catch (const std::exception&) {
        // Without its connection the server rolls back by itself.
        connection_.reset();
    }
}

void Link::run_transaction(const transaction_options& options, const std::function<void(int)>& body)
{
    check_options(options);
    if (in_transaction_)
        throw usage_error({.message = "a transaction is begun inside a transaction",
                           .hint = "do both in one, or one after the other"});
    check_scope(scope::autocommit);
    int attempts = 0;
    const auto attempt = [&] {
        try {
            on_ready_connection(
                [&](Connection& connection) { return connection.run("BEGIN", {}, deadline()); });
            const Flag flag(in_transaction_);
            body(++attempts);
            if (connection_->transaction_failed())
                throw_error({.sqlstate = "25P02",
                             .message = "nothing was committed: a statement of the transaction "
                                        "failed, and its exception did not leave the function"});
            on_connection(
                [&](Connection& connection) { return connection.run("COMMIT", {}, deadline()); });
        } catch (...) {
            roll_back();
            throw;
        }
    };
    retry_conflicts(options, [&] {
        try {
            attempt();
        } catch (const StaleStatement&) {
            attempt();
        }
    });
}

result run(Link& to, scope in, std::string_view text, const parameter_list& parameters)
{
    refuse_control(text);
    return to.run(in, text, parameters);
}

void run_each(Link& to, scope in, std::string_view text, const parameter_list& parameters,
              const std::function<bool(const result&)>& take)
{
    refuse_control(text);
    to.run_each(in, {text, &parameters}, take);
}

void run_all(Link& to, scope in, std::span<const statement_text> statements,
             const std::function<void(std::span<const result>)>& read)
{
    for (std::size_t i = 0; i < statements.size(); ++i)
        refuse_control(statements[i].text, i + 1);
    to.run_all(in, statements, read);
}

std::uint64_t copy_rows(Link& to, scope in, std::string_view text, std::string_view rows)
{
    return to.copy_in(in, text, rows);
}

void run_transaction(Link& on, const transaction_options& options,
                     const std::function<void(int)>& body)
{
    on.run_transaction(options, body);
}

const database_info& info_of(Link& of)
{
    return of.info();
}

const std::string& name_of(const Link& of) noexcept
{
    return of.name();
}

void throw_row_count(std::string_view function, std::size_t rows)
{
    if (rows == 0)
        throw no_rows({.message = std::string(function) + ": the statement returned no row"});
    throw too_many_rows({.message = std::string(function) + ": the statement returned " +
                                    std::to_string(rows) + " rows instead of one"});
}

} // namespace nimbus::sql::detail

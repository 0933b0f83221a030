#include "deploy/kinds/sql/migration_run.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "deploy/kinds/sql/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nimbus::deploy::sql {
namespace {

using namespace std::chrono_literals;

/// DSQL closes a connection after an hour.
/// Source: Aurora DSQL User Guide, "Cluster quotas and database limits".
constexpr auto longest_session = 30min;
/// An index over the largest tables; a person can interrupt.
constexpr auto longest_job = 24h;
constexpr auto usual_job = 500ms;
constexpr int shown_duplicates = 5;

/// How PostgreSQL says that what a statement makes is there, or that what it takes away is not.
/// Source: PostgreSQL manual, Appendix A.
constexpr std::array<std::string_view, 5> there_already{"42P07", "42701", "42710", "42723",
                                                        "42P06"};
constexpr std::array<std::string_view, 5> not_there{"42P01", "42703", "42704", "42883", "3F000"};

bool contains(const std::array<std::string_view, 5>& states, std::string_view sqlstate)
{
    return std::ranges::find(states, sqlstate) != states.end();
}

/// CREATE [UNIQUE] INDEX ASYNC [IF NOT EXISTS] name ON table (columns)
struct AsyncIndex {
    std::string name; ///< as written; empty: the database chooses
    std::string table;
    std::string columns; ///< between the brackets
};

/// From the offset of one token up to another's.
std::string between(const std::string& text, const std::vector<SqlToken>& tokens, std::size_t first,
                    std::size_t end)
{
    if (first >= end || end > tokens.size())
        return {};
    const auto begin = tokens[first].offset;
    return text.substr(begin, tokens[end - 1].offset + tokens[end - 1].text.size() - begin);
}

std::optional<AsyncIndex> async_index_of(const std::string& text)
{
    const auto tokens = tokenize_sql(text);
    const auto find = [&](std::string_view what, std::size_t from) {
        while (from < tokens.size() && tokens[from].text != what && !tokens[from].is(what))
            ++from;
        return from;
    };
    const auto async = find("async", 0);
    const auto on = find("on", async);
    if (async < 2 || !tokens[0].is("create") || !tokens[async - 1].is("index") ||
        on == tokens.size())
        return {};
    const auto open = find("(", on);
    const auto close = find(")", open);
    const auto exists = find("exists", async);
    const auto name = exists < on ? exists + 1 : async + 1;
    const auto table_end = std::min(find("using", on), open);
    return AsyncIndex{.name = between(text, tokens, name, on),
                      .table = between(text, tokens, on + 1, table_end),
                      .columns = between(text, tokens, open + 1, close)};
}

MigrationStatement statement_of(const MigrationStep& step)
{
    return {.text = step.text,
            .line = static_cast<std::size_t>(step.line),
            .changes_rows = step.changes_rows};
}

/// One run over the migrations of a schema.
class Run {
public:
    Run(World& world, const SchemaOutputs& schema)
        : world_(world), schema_(schema), session_(open())
    {
    }

    void apply(const std::vector<MigrationStep>& steps)
    {
        create_ledger(world_, session_, schema_.schema);
        const auto ledger = read_ledger(session_, schema_.schema);
        std::string file;
        for (const auto& step : steps) {
            const auto* entry = find(ledger, step);
            if (entry != nullptr && entry->is_done)
                continue;
            if (world_.interrupted())
                throw Interrupted("Interrupted before line " + std::to_string(step.line) + " of " +
                                  step.file);
            if (std::exchange(file, step.file) != step.file)
                world_.status().phase("Applying " + step.file);
            renew_session();
            apply(step, entry != nullptr);
        }
    }

private:
    static const LedgerEntry* find(const Ledger& ledger, const MigrationStep& step)
    {
        const auto file = ledger.find(step.file);
        if (file == ledger.end())
            return nullptr;
        const auto entry = file->second.find(static_cast<std::size_t>(step.number));
        return entry == file->second.end() ? nullptr : &entry->second;
    }

    /// As the role of the functions.
    SqlSession open() const
    {
        auto session = connect(world_, schema_.endpoint);
        session.query("SET ROLE " + quote_identifier(schema_.db_role));
        session.query("SET search_path = " + quote_identifier(schema_.schema));
        return session;
    }

    void renew_session()
    {
        if (!session_ends_.reached())
            return;
        session_ = open();
        session_ends_ = Deadline::after(longest_session);
    }

    void apply(const MigrationStep& step, bool was_begun)
    {
        try {
            if (step.changes_rows)
                change_rows(step);
            else
                change_schema(step, was_begun);
        } catch (const SqlFailure& failure) {
            throw refusal(step, failure);
        }
    }

    static Error refusal(const MigrationStep& step, const SqlFailure& failure)
    {
        const auto state =
            failure.sqlstate().empty() ? "" : " (SQLSTATE " + failure.sqlstate() + ")";
        return Error(fmt::format("The migration {} failed in line {}: {}{}", step.file, step.line,
                                 failure.what(), state),
                     failure.hint().empty()
                         ? "What comes before that statement is applied. Correct the statement and "
                           "deploy again: that goes on with it."
                         : failure.hint());
    }

    LedgerKey key_of(const MigrationStep& step) const
    {
        return {.file = step.file, .number = static_cast<std::size_t>(step.number)};
    }

    void note(const MigrationStep& step, bool is_done)
    {
        change(world_, [&] {
            write_entry(session_, schema_.schema, key_of(step), statement_of(step), is_done);
        });
    }

    void change_rows(const MigrationStep& step)
    {
        change(world_, [&] {
            session_.query("BEGIN");
            try {
                session_.query(step.text);
                write_entry(session_, schema_.schema, key_of(step), statement_of(step), true);
                session_.query("COMMIT");
            } catch (const SqlFailure&) {
                roll_back();
                throw;
            }
        });
    }

    void roll_back()
    {
        try {
            session_.query("ROLLBACK");
        } catch (const SqlFailure&) {
            // The connection is gone, and the transaction with it.
        }
    }

    void change_schema(const MigrationStep& step, bool was_begun)
    {
        const auto index = async_index_of(step.text);
        if (was_begun && index)
            drop(*index); // whether it was built to its end is not known
        if (!was_begun)
            note(step, false);
        SqlSession::Result result;
        try {
            result = change(world_, session_, step.text);
        } catch (const SqlFailure& failure) {
            const bool was_applied = was_begun && (contains(there_already, failure.sqlstate()) ||
                                                   contains(not_there, failure.sqlstate()));
            if (!was_applied) {
                forget(step, failure);
                throw;
            }
        }
        if (result.columns == std::vector<std::string>{"job_id"} && !result.rows.empty())
            wait_for_job(step, result.rows.front().front().value_or(""), index);
        note(step, true);
    }

    /// The database said no: it is not begun any more.
    void forget(const MigrationStep& step, const SqlFailure& failure)
    {
        if (!failure.sqlstate().empty())
            change(world_, [&] { remove_entry(session_, schema_.schema, key_of(step)); });
    }

    void drop(const AsyncIndex& index)
    {
        if (!index.name.empty())
            change(world_, session_, "DROP INDEX IF EXISTS " + index.name);
    }

    void wait_for_job(const MigrationStep& step, const std::string& job,
                      const std::optional<AsyncIndex>& index)
    {
        std::string details;
        bool has_failed = false;
        world_.wait({.what = title_of(statement_of(step)) + " of " + step.file + " to be done",
                     .kind = "job of DSQL",
                     .usual = usual_job,
                     .limit = longest_job},
                    [&] {
                        const auto found = session_.query(
                            "SELECT status, details FROM sys.jobs WHERE job_id = $1", {job});
                        if (found.rows.empty()) // DSQL forgets those that are done
                            return true;
                        const auto& status = found.rows.front().at(0);
                        has_failed = status == "failed";
                        details = found.rows.front().at(1).value_or("");
                        return has_failed || status == "completed";
                    });
        if (!has_failed)
            return;
        auto rows = index ? duplicates(*index) : "";
        if (index)
            drop(*index);
        change(world_, [&] { remove_entry(session_, schema_.schema, key_of(step)); });
        throw Error(fmt::format("The migration {} failed in line {}: {}{}", step.file, step.line,
                                details, rows),
                    rows.empty() ? "Correct what is in its way, and deploy again."
                                 : "Change or delete these rows, and deploy again.");
    }

    /// The rows in the way of a unique index, for people; empty when that cannot be told.
    std::string duplicates(const AsyncIndex& index)
    {
        try {
            const auto found = session_.query(fmt::format(
                "SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT {2}",
                index.columns, index.table, shown_duplicates));
            std::string text;
            for (const auto& row : found.rows) {
                text += "\n  (";
                for (std::size_t i = 0; i + 1 < row.size(); ++i)
                    text += (i == 0 ? "" : ", ") + row[i].value_or("NULL");
                text += ") is there " + row.back().value_or("") + " times";
            }
            return text;
        } catch (const SqlFailure&) {
            return {}; // an index over something else than columns
        }
    }

    World& world_;
    const SchemaOutputs& schema_;
    SqlSession session_;
    Deadline session_ends_ = Deadline::after(longest_session);
};

} // namespace

void run_migrations(World& world, const SchemaOutputs& schema,
                    const std::vector<MigrationStep>& steps)
{
    Run(world, schema).apply(steps);
}

} // namespace nimbus::deploy::sql

#include "deploy/kinds/sql/migration_run.h"

#include "base/error.h"
#include "base/number.h"
#include "base/sql_text.h"
#include "deploy/kinds/sql/batch_reads.h"
#include "deploy/kinds/sql/begun_change.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/migration_batch.h"
#include "deploy/kinds/sql/seed.h"

#include <fmt/core.h>

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
/// A transaction of DSQL changes 3,000 rows, with those that a foreign key takes along, and one of
/// the ledger.
constexpr int rows_in_a_batch = 2'000;
/// How often in a row a statement's connection may end.
constexpr int most_losses = 5;

/// Source: PostgreSQL manual, Appendix A, like the others here.
constexpr std::string_view limit_exceeded = "54000";
constexpr const char* unique_violation = "23505";

MigrationStatement statement_of(const MigrationStep& step)
{
    return {.text = step.text,
            .line = static_cast<std::size_t>(step.line),
            .changes_rows = step.changes_rows,
            .in_batches = step.in_batches};
}

LedgerKey key_of(const MigrationStep& step)
{
    return {.file = step.file, .number = static_cast<std::size_t>(step.number)};
}

/// "UPDATE 12", "INSERT 0 12"
std::size_t rows_of(const SqlSession::Result& result)
{
    const auto& tag = result.command_tag;
    return parse_number<std::size_t>(tag.substr(tag.rfind(' ') + 1)).value_or(0);
}

std::optional<LedgerEntry> find(const Ledger& ledger, const MigrationStep& step)
{
    const auto file = ledger.find(step.file);
    if (file == ledger.end())
        return {};
    const auto entry = file->second.find(static_cast<std::size_t>(step.number));
    return entry == file->second.end() ? std::nullopt : std::optional(entry->second);
}

/// One run over the migrations of a schema.
class Run {
public:
    Run(World& world, const SchemaOutputs& schema)
        : world_(world), schema_(schema), session_(open())
    {
    }

    void apply(const MigrationsInputs& wanted)
    {
        make_ledger();
        const auto found = steps_of(ledger());
        differences_from(wanted, found); // throws where the files are not what was applied
        const auto squashed = with_squashes(wanted.squashes, wanted.steps, found);
        for (const auto& squash : squashed.new_ones)
            again_when_lost([&] { replace_in_ledger(squash, wanted.steps); });
        apply(wanted.steps);
        if (!wanted.seed.empty())
            apply(pending_seed(wanted.seed, steps_of(ledger())));
    }

    void record(const std::vector<MigrationStep>& steps)
    {
        make_ledger();
        for (const auto& file : by_file(steps))
            again_when_lost([&] { in_transaction([&] { write_done(file.second); }); });
    }

private:
    void apply(const std::vector<MigrationStep>& steps)
    {
        const auto known = ledger();
        std::string file;
        for (const auto& step : steps) {
            auto entry = find(known, step);
            if (entry && entry->is_done)
                continue;
            check_interrupts(step);
            if (std::exchange(file, step.file) != step.file)
                world_.status().phase(step.file == seed_key ? "Running the seed"
                                                            : "Applying " + step.file);
            if (const auto sentence = what_breaks(step); !sentence.empty() && !known.empty())
                world_.status().note(step.file + ", " + sentence);
            renew_session();
            try {
                apply(step, std::move(entry));
            } catch (const MigrationFailed& failed) {
                if (!step.may_fail)
                    throw;
                world_.status().note(fmt::format(
                    "{}. It says 'nimbus: unchecked': what is behind it is tried without it.",
                    failed.what()));
            }
        }
    }

    void replace_in_ledger(const MigrationSquash& squash, const std::vector<MigrationStep>& steps)
    {
        in_transaction([&] {
            for (const auto& replaced : squash.replaces)
                remove_entries(session_, schema_.schema, replaced.name);
            write_done(by_file(steps).at(squash.file));
        });
    }

    void write_done(const StepsOfFile& steps)
    {
        for (const auto& [number, step] : steps)
            write_entry(session_, schema_.schema, key_of(*step),
                        entry_of(statement_of(*step), true));
    }

    SqlSession open() const
    {
        for (int losses = 0;; ++losses) {
            try {
                return open_once();
            } catch (const SqlFailure& failure) {
                if (!failure.ends_session() || losses == most_losses)
                    throw;
            }
        }
    }

    /// As the role of the functions.
    SqlSession open_once() const
    {
        auto session = connect(world_, schema_.endpoint);
        session.query("SET ROLE " + quote_identifier(schema_.db_role));
        session.query("SET search_path = " + quote_identifier(schema_.schema));
        return session;
    }

    void reopen()
    {
        session_ = open();
        session_ends_ = Deadline::after(longest_session);
    }

    void renew_session()
    {
        if (session_ends_.reached())
            reopen();
    }

    /// Does what may be done twice, also where the connection ends in between.
    template <class Do>
    auto again_when_lost(Do act) -> decltype(act())
    {
        for (int losses = 0;; ++losses) {
            try {
                return act();
            } catch (const SqlFailure& failure) {
                if (!failure.ends_session() || losses == most_losses)
                    throw;
            }
            reopen();
        }
    }

    void make_ledger()
    {
        again_when_lost([&] { create_ledger(world_, session_, schema_.schema); });
    }

    Ledger ledger()
    {
        return again_when_lost([&] { return read_ledger(session_, schema_.schema); });
    }

    void check_interrupts(const MigrationStep& step) const
    {
        if (world_.interrupted())
            throw Interrupted("Interrupted before line " + std::to_string(step.line) + " of " +
                              step.file);
    }

    /// As often as its connection ends in between: the ledger tells how far it came.
    void apply(const MigrationStep& step, std::optional<LedgerEntry> entry)
    {
        for (int losses = 0; !(entry && entry->is_done);) {
            try {
                apply_once(step, entry);
                return;
            } catch (const SqlFailure& failure) {
                if (!failure.ends_session())
                    throw refused(step, failure);
                if (++losses > most_losses)
                    throw Error(name_of(step) + " was not applied from line " +
                                    std::to_string(step.line) + " on: " + failure.what(),
                                failure.hint());
            }
            reopen();
            auto latest = find(ledger(), step);
            if (latest != entry)
                losses = 0;
            entry = std::move(latest);
        }
    }

    void apply_once(const MigrationStep& step, const std::optional<LedgerEntry>& entry)
    {
        if (step.in_batches)
            change_rows_in_batches(step, entry);
        else if (entry && !entry->position.empty() && (step.changes_rows || entry->is_refused))
            throw cannot_run(step,
                             "its first batches are applied, and it does not run in batches any "
                             "more",
                             "Write '-- nimbus: batch' before it again: the rows that are done "
                             "would be changed twice.");
        else if (step.changes_rows)
            change_rows(step);
        else
            change_schema(step, entry);
    }

    static MigrationFailed cannot_run(const MigrationStep& step, const std::string& why,
                                      const std::string& advice, const std::string& sqlstate = {})
    {
        return MigrationFailed(step, {.reason = why, .sqlstate = sqlstate, .advice = advice},
                               advice);
    }

    static MigrationFailed refused(const MigrationStep& step, const SqlFailure& failure)
    {
        const auto advice = advice_for(step, failure);
        return MigrationFailed(
            step,
            {.reason = fmt::format("{} (SQLSTATE {})", failure.what(), failure.sqlstate()),
             .sqlstate = failure.sqlstate(),
             .advice = advice},
            advice.empty() ? way_on(step, failure) : advice);
    }

    /// Wherever it was refused; or "".
    static std::string advice_for(const MigrationStep& step, const SqlFailure& failure)
    {
        if (!failure.hint().empty() || step.in_batches || failure.sqlstate() != limit_exceeded)
            return failure.hint();
        return fmt::format("A transaction of DSQL changes at most 3,000 rows and 10 MiB, and the "
                           "note that a statement is applied is one of these rows: 2,999 are left. "
                           "Write {}several statements.",
                           step.file == seed_key ? "" : "'-- nimbus: batch' before it, or ");
    }

    static std::string way_on(const MigrationStep& step, const SqlFailure& failure)
    {
        if (std::ranges::find(there_already, failure.sqlstate()) != there_already.end())
            return "If it was there before there were migrations, 'nimbus migrate apply "
                   "--baseline NUMBER' takes those that made it for applied. Otherwise correct "
                   "the statement and deploy again.";
        return step.in_batches ? "Its batches before are applied. Correct the statement and "
                                 "deploy again: that goes on behind their rows."
                               : "What comes before that statement is applied. Correct the "
                                 "statement and deploy again: that goes on with it.";
    }

    void note(const MigrationStep& step, const LedgerEntry& entry)
    {
        change(world_, [&] { write_entry(session_, schema_.schema, key_of(step), entry); });
    }

    /// Again while another transaction is in its way.
    template <class Statements>
    void in_transaction(Statements statements)
    {
        change(world_, [&] {
            session_.query("BEGIN");
            try {
                statements();
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

    void change_rows(const MigrationStep& step)
    {
        in_transaction([&] {
            session_.query(step.text);
            write_entry(session_, schema_.schema, key_of(step), entry_of(statement_of(step), true));
        });
    }

    // --- batches ---

    void change_rows_in_batches(const MigrationStep& step, const std::optional<LedgerEntry>& entry)
    {
        const auto batch = batch_of(step.text);
        const auto key = primary_key(session_, batch.table);
        const auto definitions = definitions_in(session_, schema_.schema);
        auto now = entry.value_or(LedgerEntry{});
        try {
            check_key(batch, key);
            check_reads(step.text, batch.changed, definitions);
            if (now.is_refused)
                check_correction(batch, now.beginning);
        } catch (const Error& error) {
            throw cannot_run(step, error.what(), error.hint());
        }
        std::size_t changed = 0;
        for (int rows = rows_in_a_batch; !now.is_done;) {
            check_interrupts(step);
            renew_session();
            try {
                changed += change_a_batch(step, batch, key, now, rows);
            } catch (const SqlFailure& failure) {
                if (failure.sqlstate() != limit_exceeded || rows == 1) {
                    note_refusal(step, failure, now);
                    throw;
                }
                rows /= 2; // they are large, or take others along
                continue;
            }
            world_.status().phase(fmt::format("Applying line {} of {}: {} rows are done", step.line,
                                              step.file, changed));
        }
    }

    /// Where nothing of it was applied, it is not in the ledger.
    void note_refusal(const MigrationStep& step, const SqlFailure& failure, LedgerEntry now)
    {
        if (failure.ends_session() || now.position.empty())
            return;
        now.is_refused = true;
        note(step, now);
    }

    /// At most `rows` rows behind `now`, which it moves on; how many these were.
    std::size_t change_a_batch(const MigrationStep& step, const BatchStatement& batch,
                               const std::vector<KeyColumn>& key, LedgerEntry& now, int rows)
    {
        LedgerEntry next;
        std::size_t changed = 0;
        in_transaction([&] {
            const bool starts_behind = !now.position.empty();
            const auto last =
                session_.query(end_of_batch(batch, key, starts_behind, rows), now.position);
            next = entry_of(statement_of(step), last.rows.empty());
            auto parameters = now.position;
            if (!last.rows.empty())
                for (const auto& part : last.rows.front())
                    parameters.push_back(next.position.emplace_back(part.value()));
            changed = rows_of(session_.query(
                one_batch(batch, key, starts_behind, !last.rows.empty()), parameters));
            write_entry(session_, schema_.schema, key_of(step), next);
        });
        now = std::move(next);
        return changed;
    }

    // --- changes of the schema ---

    void change_schema(const MigrationStep& step, const std::optional<LedgerEntry>& begun)
    {
        const auto index = async_index_of(step.text);
        const auto entry = begun ? *begun : begin(step, index);
        if (begun && index)
            drop_made(*index, entry); // whether it was built to its end is not known
        SqlSession::Result result;
        try {
            result = change(world_, session_, step.text);
        } catch (const SqlFailure& failure) {
            if (failure.ends_session())
                throw;
            if (!begun || !is_applied(session_, step.text, failure.sqlstate())) {
                forget(step);
                throw;
            }
        }
        if (result.columns == std::vector<std::string>{"job_id"} && !result.rows.empty())
            wait_for_job(step, result.rows.front().front().value_or(""), index, entry);
        note(step, entry_of(statement_of(step), true));
    }

    /// Notes that it is sent now.
    LedgerEntry begin(const MigrationStep& step, const std::optional<AsyncIndex>& index)
    {
        auto entry = entry_of(statement_of(step), false);
        if (index && index->name.empty())
            entry.position = indexes_beside(session_, *index);
        note(step, entry);
        return entry;
    }

    /// The database said no: it is not begun any more.
    void forget(const MigrationStep& step)
    {
        change(world_, [&] { remove_entry(session_, schema_.schema, key_of(step)); });
    }

    void drop_made(const AsyncIndex& index, const LedgerEntry& begun)
    {
        for (const auto& name : made_indexes(session_, index, begun.position))
            change(world_, session_, "DROP INDEX IF EXISTS " + name);
    }

    void wait_for_job(const MigrationStep& step, const std::string& job,
                      const std::optional<AsyncIndex>& index, const LedgerEntry& begun)
    {
        std::string details;
        bool has_failed = false;
        world_.wait({.what = title_of(statement_of(step)) + " of " + step.file + " to be done",
                     .kind = "job of DSQL",
                     .usual = usual_job,
                     .limit = longest_job},
                    [&] {
                        const auto found = state_of_job(job);
                        if (!found)
                            return false;
                        if (found->rows.empty()) // DSQL forgets those that are done
                            return true;
                        const auto& status = found->rows.front().at(0);
                        has_failed = status == "failed";
                        details = found->rows.front().at(1).value_or("");
                        return has_failed || status == "completed";
                    });
        if (!has_failed)
            return;
        const auto rows = index ? duplicates_of(session_, *index) : "";
        if (index)
            drop_made(*index, begun);
        forget(step);
        if (rows.empty())
            throw cannot_run(step, details, "Correct what is in its way, and deploy again.");
        throw cannot_run(step, details + rows, "Change or delete these rows, and deploy again.",
                         unique_violation);
    }

    /// Nothing when the connection ended, which a job outlives.
    std::optional<SqlSession::Result> state_of_job(const std::string& job)
    {
        renew_session();
        try {
            return session_.query("SELECT status, details FROM sys.jobs WHERE job_id = $1", {job});
        } catch (const SqlFailure& failure) {
            if (!failure.ends_session())
                throw;
        }
        reopen();
        return {};
    }

    World& world_;
    const SchemaOutputs& schema_;
    SqlSession session_;
    Deadline session_ends_ = Deadline::after(longest_session);
};

} // namespace

MigrationFailed::MigrationFailed(MigrationStep step, Refusal refusal, std::string hint)
    : Error(fmt::format("{} failed in line {}: {}", name_of(step), step.line, refusal.reason),
            std::move(hint)),
      step_(std::move(step)), refusal_(std::move(refusal))
{
}

void run_migrations(World& world, const SchemaOutputs& schema, const MigrationsInputs& wanted)
{
    Run(world, schema).apply(wanted);
}

void record_migrations(World& world, const SchemaOutputs& schema,
                       const std::vector<MigrationStep>& steps)
{
    Run(world, schema).record(steps);
}

} // namespace nimbus::deploy::sql

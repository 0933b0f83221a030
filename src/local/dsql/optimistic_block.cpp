#include "local/dsql/optimistic_block.h"

#include "base/assert.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/table_names.h"

#include <utility>

namespace nimbus::local::dsql {
namespace {

constexpr std::string_view no_lock_timeout = "SET LOCAL lock_timeout = 0";
/// What is copied at most for a block, in bytes of tables.
constexpr std::string_view max_copied = "67108864";
/// What is saved at most of a block that is lost: a message's size.
constexpr std::string_view max_saved = "8388608";
/// Between names: no text of a client has it in a name, or that name stays as it is.
constexpr char separator = '\x1f';

/// An array of the tables' OIDs, in their order; NULL for what is none.
std::string oids(const auto& names)
{
    std::string list;
    for (const std::string& name : names)
        list +=
            (list.empty() ? "" : ", ") + ("pg_catalog.to_regclass(" + quote_literal(name) + ')');
    return "ARRAY[" + list + "]::pg_catalog.oid[]";
}

std::optional<Refusal> refusal_in(Backstage::Answer answer)
{
    return answer ? std::nullopt : std::optional(std::move(answer.error()));
}

/// As `refusal_in`, where whatever stands against it has been committed by somebody else.
std::optional<Refusal> conflict_in(const Backstage::Answer& answer)
{
    return answer ? std::nullopt : std::optional(conflict(Loss::rows));
}

} // namespace

Backstage::Answer OptimisticBlock::attempt(std::string_view statement)
{
    auto answer = backstage_.run({statement});
    if (answer)
        return answer;
    // The failure that the client is told of must be the first.
    backstage_.run({"ROLLBACK TO SAVEPOINT nimbus_begin"});
    // A table is being changed, or has been.
    return std::unexpected(conflict(
        answer.error().sqlstate == sqlstate::lock_not_available ? Loss::schema : Loss::rows));
}

bool OptimisticBlock::prepares(StatementKind kind, RowLock lock) const noexcept
{
    switch (state_) {
    case State::none:
    case State::failed:
        return false;
    case State::shared:
        return kind == StatementKind::commit ? !locked_.empty()
                                             : contends(kind, lock) && is_savepoint_used_;
    case State::copies:
    case State::lost:
        return kind != StatementKind::rollback;
    }
    return false;
}

void OptimisticBlock::begun()
{
    NIMBUS_ASSERT(state_ == State::none, "a block begins outside of one");
    state_ = State::shared;
    backstage_.block_begins();
}

void OptimisticBlock::end()
{
    if (state_ == State::none)
        return;
    state_ = State::none;
    is_savepoint_used_ = has_savepoint_ = false;
    locked_.clear();
    loss_.reset();
    saved_.reset();
    backstage_.block_ends();
}

void OptimisticBlock::fail() noexcept
{
    if (state_ != State::none)
        state_ = State::failed;
}

void OptimisticBlock::lose(Loss loss)
{
    if (state_ == State::none || is_lost())
        return;
    const bool has_failed = state_ == State::failed;
    loss_ = loss;
    if (!has_failed)
        if (auto saved = backstage_.run({"SELECT sys.nimbus_save(" + std::string(max_saved) + ')'}))
            saved_ = *std::move(saved);
    if (!backstage_.run({"ROLLBACK TO SAVEPOINT nimbus_begin"}))
        throw ChannelClosed("a block that is lost cannot be undone");
    has_savepoint_ = is_savepoint_used_ = false;
    if (has_failed)
        // The client knows of the failure: the block stays one that has failed.
        backstage_.run({"SELECT nimbus_has_failed"});
    else
        state_ = State::lost;
}

std::optional<Refusal> OptimisticBlock::go_on()
{
    NIMBUS_ASSERT(state_ == State::lost && is_lost(), "what is lost goes on for its own eyes");
    const auto saved = std::exchange(saved_, std::nullopt);
    if (!saved)
        return conflict(*loss_);
    if (!attempt("SELECT sys.nimbus_restore(" + quote_literal(*saved) +
                 "::pg_catalog.jsonb, current_user::pg_catalog.name, " + std::string(max_copied) +
                 ')'))
        return conflict(*loss_);
    state_ = State::copies;
    return set_savepoint();
}

std::optional<Refusal> OptimisticBlock::set_savepoint()
{
    if (has_savepoint_)
        if (auto refusal = refusal_in(attempt("RELEASE SAVEPOINT nimbus")))
            return refusal;
    has_savepoint_ = true;
    is_savepoint_used_ = false;
    return refusal_in(attempt("SAVEPOINT nimbus"));
}

void OptimisticBlock::executes(RowLock lock, const std::string& text)
{
    is_savepoint_used_ = true;
    if (lock == RowLock::update)
        for (const auto& table : table_names(text))
            locked_.insert(table.name);
}

bool OptimisticBlock::is_meeting(const std::string& code)
{
    if (code == sqlstate::serialization_failure || code == sqlstate::lock_not_available ||
        code == sqlstate::deadlock_detected)
        return true;
    // Is it there for this block, too? The copies tell.
    return (code == sqlstate::unique_violation || code == sqlstate::foreign_key_violation) &&
           !backstage_.is_alone();
}

std::optional<Refusal> OptimisticBlock::undo()
{
    backstage_.synchronize();
    is_savepoint_used_ = false;
    return refusal_in(attempt(has_savepoint_ ? "ROLLBACK TO SAVEPOINT nimbus"
                                             : "ROLLBACK TO SAVEPOINT nimbus_begin"));
}

std::optional<Refusal> OptimisticBlock::be_patient()
{
    return refusal_in(attempt(no_lock_timeout));
}

std::expected<std::string, Refusal> OptimisticBlock::on_copies(const std::string& text)
{
    const auto tables = table_names(text);
    if (tables.empty())
        return text;
    std::vector<std::string> named;
    std::vector<std::string> written;
    for (const auto& table : tables) {
        named.push_back(table.name);
        if (table.is_written)
            written.push_back(table.name);
    }
    const auto answer =
        attempt("SELECT pg_catalog.array_to_string(sys.nimbus_fork(" + oids(written) + ", " +
                oids(named) + ", current_user::pg_catalog.name, " + std::string(max_copied) +
                "), '" + separator + "', '')");
    if (!answer)
        return std::unexpected(answer.error());
    state_ = State::copies;
    // The copies are older than what is done to them.
    has_savepoint_ = false;
    if (auto refusal = set_savepoint())
        return std::unexpected(*std::move(refusal));
    const auto list = answer->value_or("");
    std::vector<std::optional<std::string>> copies;
    for (const auto copy : split(list, separator))
        copies.push_back(copy.empty() ? std::nullopt : std::optional<std::string>(copy));
    if (copies.size() != tables.size())
        return text;
    return with_tables(text, tables, copies);
}

std::optional<Refusal> OptimisticBlock::prepare_commit()
{
    NIMBUS_ASSERT(state_ == State::shared || state_ == State::copies || state_ == State::lost,
                  "a block is committed");
    if (loss_)
        return conflict(*loss_);
    if (state_ == State::shared) {
        if (backstage_.is_alone())
            return std::nullopt;
        return conflict_in(
            backstage_.run_first("SELECT sys.nimbus_touch(" + oids(locked_) + ")", Loss::rows));
    }
    if (auto refusal = be_patient())
        return refusal;
    // Of its own accord nothing fails here: the copies have the same constraints.
    return conflict_in(backstage_.run_first(
        "SELECT sys.nimbus_apply(" + std::string(locked_.empty() ? "false" : "true") + ")",
        Loss::rows));
}

void OptimisticBlock::roll_back()
{
    if (!backstage_.run({"ROLLBACK"}))
        throw ChannelClosed("a block that is lost cannot be rolled back");
}

} // namespace nimbus::local::dsql

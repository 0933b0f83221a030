#include "local/dsql/optimistic_block.h"

#include "base/assert.h"
#include "base/json.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/syntax_tree.h"
#include "local/dsql/table_names.h"

#include <algorithm>
#include <utility>

namespace nimbus::local::dsql {
namespace {

/// A cancellation that was meant for what the session did before may strike what undoes it.
constexpr int attempts_to_undo = 3;
constexpr std::string_view to_the_beginning = "ROLLBACK TO SAVEPOINT nimbus_begin";
constexpr std::string_view no_lock_timeout = "SET LOCAL lock_timeout = 0";
/// What is copied at most for a block, in bytes of tables.
constexpr std::string_view max_copied = "67108864";
/// What is saved at most of a block that is lost: a message's size.
constexpr std::string_view max_saved = "8388608";

/// An array of what `function` makes of each text, in their order.
std::string array_of(const auto& texts, std::string_view function, std::string_view type)
{
    std::string list;
    for (const std::string& text : texts)
        list +=
            (list.empty() ? "" : ", ") + std::string(function) + '(' + quote_literal(text) + ')';
    return "ARRAY[" + list + "]::pg_catalog." + std::string(type) + "[]";
}

/// The OIDs of relations that are named here and now; NULL for what is none.
std::string oids(const auto& names)
{
    return array_of(names, "pg_catalog.to_regclass", "oid");
}

/// The OIDs of all relations of these names, in whatever schema: which one a statement meant
/// depends on the search_path of its time.
std::string relations_called(const std::set<std::string>& names)
{
    return "ARRAY(SELECT oid FROM pg_catalog.pg_class WHERE oid >= 16384 AND relname = ANY (" +
           array_of(names, "", "text") + "))";
}

/// PostgreSQL quotes names where it has to; key words are not looked at.
std::string as_in_a_plan(const std::string& name)
{
    const bool is_plain = std::ranges::all_of(
        name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    return is_plain ? name : quote_identifier(name);
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
    undo_with(to_the_beginning);
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
        return kind == StatementKind::commit
                   ? !updated_.empty() || !shared_.empty() || backstage_.has_news() ||
                         (has_dml_ && (backstage_.may_share_keys() || may_defer_keys()))
                   : contends(kind, lock) && is_savepoint_used_;
    case State::copies:
    case State::lost:
        return kind != StatementKind::rollback;
    }
    return false;
}

void OptimisticBlock::begins()
{
    NIMBUS_ASSERT(state_ == State::none, "a block begins outside of one");
    backstage_.block_begins();
}

void OptimisticBlock::begun()
{
    NIMBUS_ASSERT(state_ == State::none, "a block begins outside of one");
    state_ = State::shared;
}

void OptimisticBlock::did_not_begin()
{
    NIMBUS_ASSERT(state_ == State::none, "a block begins outside of one");
    backstage_.block_ends(BlockEnd::undone);
}

void OptimisticBlock::end(BlockEnd end)
{
    if (state_ == State::none)
        return;
    state_ = State::none;
    is_savepoint_used_ = has_savepoint_ = has_ddl_ = false;
    forget_word();
    loss_.reset();
    saved_.reset();
    originals_.clear();
    backstage_.block_ends(end);
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
    undo_with(to_the_beginning);
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
    if (!attempt("SELECT sys.nimbus_restore(" + quote_literal(*saved) + "::pg_catalog.jsonb, " +
                 std::string(max_copied) + ')'))
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

void OptimisticBlock::executes(StatementKind kind, RowLock lock, const std::string& text)
{
    is_savepoint_used_ = true;
    has_ddl_ = has_ddl_ || kind == StatementKind::ddl;
    has_dml_ = has_dml_ || kind == StatementKind::dml;
    remember_locks(lock, text);
}

void OptimisticBlock::remember_locks(RowLock lock, const std::string& text)
{
    if (lock == RowLock::none)
        return;
    auto& names = lock == RowLock::update ? updated_ : shared_;
    for (const auto& table : table_names(text))
        names.insert(table.relation);
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
    return refusal_in(attempt(has_savepoint_ ? "ROLLBACK TO SAVEPOINT nimbus" : to_the_beginning));
}

std::optional<Refusal> OptimisticBlock::be_patient()
{
    return refusal_in(attempt(no_lock_timeout));
}

std::unexpected<Refusal> OptimisticBlock::give_up()
{
    undo_with(to_the_beginning);
    return std::unexpected(conflict(Loss::rows));
}

std::optional<Refusal> OptimisticBlock::mistake_in(const std::string& text)
{
    const auto answer =
        backstage_.run({"PREPARE nimbus_check AS " + text, "DEALLOCATE nimbus_check"});
    if (answer)
        return std::nullopt;
    undo_with(to_the_beginning);
    return answer.error().sqlstate == sqlstate::lock_not_available ? conflict(Loss::schema)
                                                                   : answer.error();
}

std::expected<std::string, Refusal> OptimisticBlock::on_copies(RowLock lock,
                                                               const std::string& text)
{
    remember_locks(lock, text);
    const auto names = statement_names(text);
    if (!names.is_transferable)
        return give_up();
    if (names.tables.empty() && names.called.empty())
        return text;
    // Copies are not as strict as their originals: of GENERATED ALWAYS, for example.
    if (state_ == State::copies && names.is_query && !names.has_parameters)
        if (auto mistake = mistake_in(text))
            return std::unexpected(*std::move(mistake));
    std::vector<std::string> named;
    std::vector<std::string> written;
    for (const auto& table : names.tables) {
        named.push_back(table.name);
        if (table.is_written)
            written.push_back(table.name);
    }
    const auto answer = attempt("SELECT sys.nimbus_fork(" + oids(written) + ", " + oids(named) +
                                ", " + array_of(names.called, "", "text") + ", " +
                                array_of(names.types, "pg_catalog.to_regtype", "oid") + ", " +
                                std::string(max_copied) + ')');
    if (!answer)
        return std::unexpected(answer.error());
    state_ = State::copies;
    // The copies are older than what is done to them.
    has_savepoint_ = false;
    if (auto refusal = set_savepoint())
        return std::unexpected(*std::move(refusal));
    const auto fork = parse_json(answer->value_or("{}"), "sys.nimbus_fork");
    remember_originals(list(fork.as_object(), "originals"));
    std::vector<std::optional<std::string>> copies;
    for (const auto& copy : list(fork.as_object(), "copies"))
        copies.push_back(copy.is_string() ? std::optional<std::string>(copy.get_string())
                                          : std::nullopt);
    copies.resize(names.tables.size());
    auto moved = with_tables(text, names, copies);
    if (!moved)
        return give_up();
    return *std::move(moved);
}

void OptimisticBlock::remember_originals(const json::array& originals)
{
    originals_.clear();
    for (const auto& each : originals) {
        const auto& parts = each.as_array();
        originals_.push_back({.copy = std::string(parts.at(0).as_string()),
                              .name = std::string(parts.at(1).as_string()),
                              .schema = std::string(parts.at(2).as_string())});
    }
}

void OptimisticBlock::name_originals(pgwire::ErrorFields& error) const
{
    for (const auto& [copy, name, schema] : originals_) {
        if (error.table == copy)
            error.schema = schema;
        for (auto* text : {&error.message, &error.detail, &error.hint, &error.where, &error.table,
                           &error.constraint})
            *text = replace_all(std::move(*text), copy, name);
    }
    // In the text that was executed.
    error.position.clear();
}

std::string OptimisticBlock::with_originals(std::string line) const
{
    for (const auto& [copy, name, schema] : originals_) {
        const auto quoted = quote_identifier(copy);
        const auto shown = as_in_a_plan(name);
        // A copy has the name of its table for another one, which a plan tells.
        line = replace_all(std::move(line), quoted + ' ' + shown + ' ', shown + ' ');
        if (line.ends_with(quoted + ' ' + shown))
            line.replace(line.size() - quoted.size() - shown.size() - 1, quoted.size() + 1, "");
        line = replace_all(std::move(line), quoted, shown);
    }
    return line;
}

std::optional<Refusal> OptimisticBlock::prepare_commit()
{
    NIMBUS_ASSERT(state_ == State::shared || state_ == State::copies || state_ == State::lost,
                  "a block is committed");
    if (loss_)
        return conflict(*loss_);
    for (const auto step : {&OptimisticBlock::check_schema, &OptimisticBlock::write_tables,
                            &OptimisticBlock::check_deferred, &OptimisticBlock::check_locks,
                            &OptimisticBlock::leave_locks})
        if (auto refusal = (this->*step)())
            return refusal;
    return std::nullopt;
}

/// A table that the block has used is not what it was at its beginning; nor does any other change
/// of the schema go with one by the block.
std::optional<Refusal> OptimisticBlock::check_schema()
{
    const auto changed = backstage_.changed_by_others();
    if (changed.empty())
        return std::nullopt;
    std::string list;
    for (const auto relation : changed)
        list += (list.empty() ? "" : ", ") + std::to_string(relation);
    const auto uses = attempt("SELECT sys.nimbus_uses(ARRAY[" + list + "]::pg_catalog.oid[])");
    if (!uses)
        return uses.error();
    return has_ddl_ || *uses == "t" ? std::optional(conflict(Loss::schema)) : std::nullopt;
}

std::optional<Refusal> OptimisticBlock::write_tables()
{
    if (state_ == State::shared) {
        if (updated_.empty() || backstage_.is_alone())
            return std::nullopt;
        return conflict_in(backstage_.run_first(
            "SELECT sys.nimbus_touch(" + relations_called(updated_) + ")", Loss::rows));
    }
    if (auto refusal = be_patient())
        return refusal;
    // Of its own accord nothing fails here: the copies have the same constraints.
    return conflict_in(backstage_.run_first(
        "SELECT sys.nimbus_apply(" + std::string(updated_.empty() ? "false" : "true") + ")",
        Loss::rows));
}

bool OptimisticBlock::may_defer_keys() const
{
    return !backstage_.is_alone() && backstage_.may_defer_keys();
}

std::optional<Refusal> OptimisticBlock::check_deferred()
{
    if (!(has_dml_ || state_ == State::copies) || !may_defer_keys())
        return std::nullopt;
    const auto meets = attempt("SELECT sys.nimbus_meets_deferred()");
    if (!meets)
        return meets.error();
    return *meets == "t" ? std::optional(conflict(Loss::rows)) : std::nullopt;
}

std::optional<Refusal> OptimisticBlock::check_locks()
{
    const auto locks = backstage_.locked_by_others();
    if (locks.empty())
        return std::nullopt;
    std::string list;
    for (const auto& each : locks)
        list += (list.empty() ? "" : ", ") + quote_literal(each);
    const auto meets = attempt("SELECT sys.nimbus_meets(ARRAY[" + list + "]::pg_catalog.jsonb[], " +
                               relations_called(updated_) + ")");
    if (!meets)
        return meets.error();
    return *meets == "t" ? std::optional(conflict(Loss::rows)) : std::nullopt;
}

std::optional<Refusal> OptimisticBlock::leave_locks()
{
    const bool has_locked = !updated_.empty() || !shared_.empty();
    const bool has_written = has_dml_ || state_ == State::copies;
    if (!(has_locked && backstage_.is_another_in_block()) &&
        !(has_written && backstage_.may_share_keys()))
        return std::nullopt;
    auto locks = attempt(locks_question());
    if (!locks)
        return locks.error();
    if (*locks)
        backstage_.leave_locks(**std::move(locks));
    return std::nullopt;
}

std::string OptimisticBlock::locks_question() const
{
    return "SELECT sys.nimbus_locks(" + relations_called(updated_) + ", " +
           relations_called(shared_) + ")";
}

bool OptimisticBlock::concerns_others(StatementKind kind, RowLock lock) const
{
    return (lock != RowLock::none && backstage_.is_another_in_block()) ||
           (kind == StatementKind::dml && backstage_.may_share_keys());
}

void OptimisticBlock::executes_alone(StatementKind kind, RowLock lock, const std::string& text)
{
    NIMBUS_ASSERT(state_ == State::none, "a statement outside of a block");
    has_word_ = true;
    has_dml_ = has_dml_ || kind == StatementKind::dml;
    remember_locks(lock, text);
}

std::optional<Refusal> OptimisticBlock::leave_word()
{
    NIMBUS_ASSERT(has_word(), "there is something that others have to know");
    if (!updated_.empty())
        if (auto refusal = conflict_in(backstage_.run_first(
                "SELECT sys.nimbus_touch(" + relations_called(updated_) + ")", Loss::rows)))
            return refusal;
    const auto question = locks_question();
    auto locks = backstage_.run({question});
    if (!locks)
        return conflict(Loss::rows);
    if (*locks)
        backstage_.leave_locks(**std::move(locks));
    return std::nullopt;
}

void OptimisticBlock::word_ends(BlockEnd end)
{
    backstage_.statement_ends(end);
}

void OptimisticBlock::forget_word()
{
    if (state_ != State::none)
        return;
    has_word_ = has_dml_ = false;
    updated_.clear();
    shared_.clear();
}

void OptimisticBlock::roll_back()
{
    undo_with("ROLLBACK");
}

void OptimisticBlock::undo_with(std::string_view statement)
{
    for (int attempt = 0; attempt < attempts_to_undo; ++attempt)
        if (backstage_.run({statement}))
            return;
    throw ChannelClosed("a block that is lost cannot be undone");
}

} // namespace nimbus::local::dsql

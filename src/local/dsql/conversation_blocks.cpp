#include "base/assert.h"
#include "local/dsql/conversation.h"

#include <algorithm>

/// Statements that are executed one by one, and what is done between them so that blocks are
/// DSQL's.
namespace nimbus::local::dsql {
namespace {

/// In a Bind: no formats, no values, no formats of results.
constexpr std::string_view no_values("\0\0\0\0\0\0", 6);

} // namespace

bool Conversation::is_quiet() const noexcept
{
    return open_syncs_ == 0 && !batch_open_ && !barrier_;
}

bool Conversation::has_work() const noexcept
{
    if (barrier_)
        return false;
    return held_ || again_ || leaves_word_ ||
           (has_to_make_way_ && is_quiet() && !steps_ && !block_copy_ &&
            block_.state() != OptimisticBlock::State::none);
}

void Conversation::work(Outgoing& to_server)
{
    NIMBUS_ASSERT(has_work(), "there is something to do");
    if (again_) {
        const auto again = *std::exchange(again_, std::nullopt);
        if (block_copy_)
            do_copy_again(to_server);
        else
            do_again(again, to_server);
        return;
    }
    if (std::exchange(leaves_word_, false)) {
        leave_word(to_server);
        return;
    }
    make_way();
    if (held_)
        do_held(*std::exchange(held_, std::nullopt), to_server);
}

void Conversation::make_way()
{
    if (!std::exchange(has_to_make_way_, false))
        return;
    const auto loss = options_.backstage->verdict();
    if (!loss)
        return;
    block_.lose(*loss);
    for (auto& [name, portal] : portals_)
        portal.is_gone = portal.is_gone || portal.is_begun;
}

void Conversation::end_block(BlockEnd end)
{
    block_.end(end);
    has_to_make_way_ = false;
}

/// The transaction that has changed relations is committed.
void Conversation::publish_changes()
{
    if (!changed_.empty())
        options_.backstage->leave_changes(std::exchange(changed_, {}));
}

void Conversation::next_step(Outgoing& out)
{
    NIMBUS_ASSERT(steps_, "there are statements to execute");
    if (steps_->next == steps_->script->statements.size()) {
        steps_.reset();
        pgwire::FrontendWriter writer;
        writer.sync();
        out.add(writer.bytes());
        sync_sent();
        return;
    }
    const auto& statement = steps_->script->statements[steps_->next++];
    const bool in_block = rules_.in_block();
    const bool is_struck = commit_conflicts(statement.kind);
    auto prepared = prepared_of(statement, text_for(statement, Execution::at_once));
    // A BEGIN inside of a block is PostgreSQL's to warn of.
    if (prepared.kind == StatementKind::begin && in_block)
        prepared.kind = StatementKind::read;
    const bool explains = prepared.explains;
    start({.statement = std::make_shared<const Prepared>(std::move(prepared)),
           .protocol = QueryProtocol::simple,
           .is_described = false,
           .explains = explains,
           .is_struck = is_struck,
           .ends_batch = steps_->next == steps_->script->statements.size()},
          out);
}

void Conversation::start(Running running, Outgoing& out)
{
    const auto& statement = *running.statement;
    const bool begins =
        statement.kind == StatementKind::begin && block_.state() == OptimisticBlock::State::none;
    if (begins && !statement.refused && !is_skipping_) {
        launch_begin(std::move(running), out);
        return;
    }
    const bool is_query_on_its_way =
        running.protocol == QueryProtocol::extended && statement.copy_in.has_value();
    // What undoes the statement must leave them alone.
    const bool saves_portals = block_.state() == OptimisticBlock::State::shared &&
                               OptimisticBlock::contends(statement.kind, statement.lock) &&
                               has_portal_in_parts();
    if (statement.refused || is_skipping_ ||
        (!running.is_struck && !is_query_on_its_way && !saves_portals &&
         !block_.prepares(statement.kind, statement.lock))) {
        launch(std::move(running), out);
        return;
    }
    held_ = std::move(running);
    if (!is_quiet())
        begin_barrier({}, out);
}

/// In PostgreSQL, a portal reads on as of when it began, whatever is done meanwhile.
bool Conversation::has_portal_in_parts() const noexcept
{
    return std::ranges::any_of(portals_,
                               [](const auto& named) { return named.second.is_in_parts; });
}

bool Conversation::is_gone(const Running& running) const
{
    const auto found = portals_.find(running.portal);
    return running.goes_on && found != portals_.end() && found->second.is_gone;
}

bool Conversation::ends_block(StatementKind kind) const noexcept
{
    return (kind == StatementKind::commit || kind == StatementKind::rollback) &&
           block_.state() != OptimisticBlock::State::none;
}

/// Sends the statement as it is.
void Conversation::launch(Running running, Outgoing& out)
{
    const auto& statement = *running.statement;
    const bool is_simple = running.protocol == QueryProtocol::simple;
    if (statement.copy_in && !statement.refused && !is_skipping_) {
        launch_copy(running, statement.text, out);
        return;
    }
    const bool contends = (block_.state() == OptimisticBlock::State::shared ||
                           block_.state() == OptimisticBlock::State::copies) &&
                          OptimisticBlock::contends(statement.kind, statement.lock) &&
                          !statement.refused && !is_skipping_;
    if (contends)
        block_.executes(statement.kind, statement.lock, statement.text);
    else if (concerns_others(statement))
        block_.executes_alone(statement.kind, statement.lock, statement.text);
    else
        block_.reads();
    const bool needs_barrier =
        is_simple || contends ||
        ((statement.counted_afterwards || running.explains || ends_block(statement.kind)) &&
         !is_skipping_);
    if (!is_simple && needs_barrier && (rules_.in_block() || ends_block(statement.kind)))
        running.ends_batch = take_sync();
    const bool is_at_ready = needs_barrier && is_committed_later(running);
    pgwire::FrontendWriter writer;
    if (is_simple && is_at_ready) {
        writer.query(statement.text);
    } else if (is_simple) {
        writer.parse("", statement.text);
        writer.bind("", {});
        writer.describe_portal();
        writer.execute();
    } else {
        out.add(running.execute);
        if (is_at_ready)
            writer.sync();
    }
    if (!writer.bytes().empty())
        out.add(writer.bytes());
    if (!needs_barrier) {
        ++due_.executed;
        return;
    }
    Barrier begun{.protocol = running.protocol,
                  .prepared_by_us = is_simple,
                  .counts_rows = statement.counted_afterwards,
                  .explains = running.explains,
                  .ends_batch = running.ends_batch,
                  .is_at_ready = is_at_ready};
    if (contends)
        begun.running = std::move(running);
    begin_barrier(std::move(begun), out);
}

/// Sends `text` in the statement's place.
void Conversation::launch_again(const Running& running, const std::string& text, Outgoing& out)
{
    const bool is_simple = running.protocol == QueryProtocol::simple;
    pgwire::FrontendWriter writer;
    if (is_simple) {
        writer.parse("", text);
        writer.bind("", {});
        if (!running.is_described)
            writer.describe_portal();
        writer.execute();
    } else {
        if (late_conflict_)
            writer.close_statement(barrier); // of a time when this failed
        writer.parse(barrier, text, running.statement->types);
        writer.close_portal(running.portal); // the client's own, in whose place it is
        writer.bind(running.portal, barrier, running.values);
    }
    out.add(writer.bytes());
    if (!is_simple)
        out.add(running.execute);
    begin_barrier({.protocol = running.protocol,
                   .prepared_by_us = true,
                   .counts_rows = running.statement->counted_afterwards,
                   .explains = running.explains,
                   .ends_batch = running.ends_batch,
                   .open_closes = is_simple        ? 1U
                                  : late_conflict_ ? 3U
                                                   : 2U},
                  out);
}

void Conversation::launch_on_copies(const Running& running, Outgoing& out)
{
    const auto text = block_.on_copies(running.statement->lock, running.statement->text);
    if (text)
        launch_again(running, *text, out);
    else
        launch_failing(running, text.error(), out);
}

/// Is all that was sent there when the statement is, but nothing committed by that?
bool Conversation::is_committed_later(const Running& running) const noexcept
{
    if (!running.ends_batch || is_skipping_)
        return false;
    const auto state = block_.state();
    if (ends_block(running.statement->kind))
        return true;
    if (rules_.in_block())
        return state == OptimisticBlock::State::shared || state == OptimisticBlock::State::copies;
    return running.explains && running.statement->kind == StatementKind::read && steps_ &&
           steps_->script->statements.size() == 1;
}

/// BEGIN, and in the same trip what makes the block DSQL's.
void Conversation::launch_begin(Running running, Outgoing& out)
{
    const bool is_simple = running.protocol == QueryProtocol::simple;
    running.ends_batch = is_simple || take_sync();
    block_.begins();
    has_looked_ = false;
    pgwire::FrontendWriter writer;
    if (is_simple) {
        // A comment may end with the line.
        auto text = running.statement->text + '\n';
        for (const auto statement : OptimisticBlock::additions_to_begin)
            text.append(";").append(statement);
        writer.query(text);
    } else {
        out.add(running.execute);
        writer.close_statement(barrier); // of a time when this failed
        for (const auto statement : OptimisticBlock::additions_to_begin) {
            writer.parse(barrier, statement);
            writer.bind(barrier, barrier, no_values);
            writer.execute(barrier);
            writer.close_portal(barrier);
            writer.close_statement(barrier);
        }
        if (running.ends_batch)
            writer.sync();
    }
    out.add(writer.bytes());
    begin_barrier({.protocol = running.protocol,
                   .ends_batch = running.ends_batch &&
                                 (!steps_ || steps_->next == steps_->script->statements.size()),
                   .is_at_ready = running.ends_batch,
                   .begins_block = true,
                   .open_closes = 2 * OptimisticBlock::additions_to_begin.size() + 1},
                  out);
}

void Conversation::launch_failing(const Running& running, Refusal refusal, Outgoing& out)
{
    pgwire::FrontendWriter writer;
    if (running.protocol == QueryProtocol::simple) {
        steps_.reset();
        writer.query(failing_statement(std::move(refusal)));
        out.add(writer.bytes());
        sync_sent();
    } else {
        writer.parse("", failing_statement(std::move(refusal)));
        if (running.ends_batch)
            writer.sync();
        out.add(writer.bytes());
        if (running.ends_batch)
            sync_sent();
    }
}

void Conversation::do_held(Running running, Outgoing& to_server)
{
    const auto& statement = *running.statement;
    if (block_.state() == OptimisticBlock::State::lost && statement.kind != StatementKind::commit) {
        if (auto refusal = block_.go_on()) {
            launch_failing(running, *std::move(refusal), to_server);
            return;
        }
    }
    const auto state = block_.state();
    if (statement.kind == StatementKind::commit && state != OptimisticBlock::State::failed) {
        commit_block(std::move(running), to_server);
        return;
    }
    switch (state) {
    case OptimisticBlock::State::shared:
        if (auto refusal = block_.set_savepoint())
            launch_failing(running, *std::move(refusal), to_server);
        else
            launch(std::move(running), to_server);
        return;
    case OptimisticBlock::State::copies:
        if (is_gone(running)) {
            launch_failing(running, conflict(Loss::rows), to_server);
        } else if (running.goes_on) {
            launch(std::move(running), to_server);
        } else if (statement.copy_in) {
            if (const auto text = block_.on_copies(statement.lock, statement.text))
                launch_copy(running, *text, to_server);
            else
                launch_failing(running, text.error(), to_server);
        } else {
            // Never as the client has prepared it: that is bound to the tables themselves.
            launch_on_copies(running, to_server);
        }
        return;
    case OptimisticBlock::State::none:
    case OptimisticBlock::State::lost:
    case OptimisticBlock::State::failed:
        launch(std::move(running), to_server);
        return;
    }
}

/// The statement met somebody else's change.
std::optional<Refusal> Conversation::undo_for_again()
{
    auto refusal = block_.undo();
    is_skipping_ = false;
    make_way();
    if (!refusal && block_.state() == OptimisticBlock::State::lost)
        refusal = block_.go_on();
    return refusal;
}

/// Outside of a block, DSQL finds the conflict when it commits. Up to then the batch goes on, in a
/// transaction that is not committed.
void Conversation::do_again_alone(const Running& running, Outgoing& to_server)
{
    options_.backstage->synchronize();
    is_skipping_ = false;
    late_conflict_ = conflict(Loss::rows);
    launch_again(running, running.statement->text, to_server);
}

void Conversation::do_again(const Running& running, Outgoing& to_server)
{
    if (block_.state() == OptimisticBlock::State::none) {
        do_again_alone(running, to_server);
        return;
    }
    auto refusal = undo_for_again();
    const bool changes_schema = running.statement->kind == StatementKind::ddl;
    // It has begun on the tables themselves, and cannot begin again.
    if (!refusal && running.goes_on)
        refusal = conflict(Loss::rows);
    if (!refusal && changes_schema)
        refusal = block_.be_patient();
    if (refusal) {
        launch_failing(running, *std::move(refusal), to_server);
        return;
    }
    if (changes_schema) {
        launch_again(running, running.statement->text, to_server);
        is_patient_ = true;
        return;
    }
    launch_on_copies(running, to_server);
}

/// Outside of a block, have those who are in one to know of it?
bool Conversation::concerns_others(const Prepared& statement) const
{
    return block_.state() == OptimisticBlock::State::none && !statement.refused && !is_skipping_ &&
           block_.concerns_others(statement.kind, statement.lock);
}

/// All statements of a batch outside of a block are answered, and not yet committed.
void Conversation::leave_word(Outgoing& to_server)
{
    pgwire::FrontendWriter writer;
    if (auto refusal = block_.leave_word()) {
        last_completion_.clear();
        writer.parse("", failing_statement(*std::move(refusal)));
    }
    writer.sync();
    to_server.add(writer.bytes());
    begin_barrier({.protocol = QueryProtocol::extended,
                   .ends_batch = true,
                   .is_at_ready = true,
                   .ends_word = true},
                  to_server);
}

void Conversation::commit_block(Running running, Outgoing& to_server)
{
    auto refusal =
        running.is_struck ? std::optional(conflict(Loss::rows)) : block_.prepare_commit();
    if (!refusal) {
        launch(std::move(running), to_server);
        return;
    }
    if (refusal->message == conflict(Loss::schema).message)
        options_.backstage->renew_catalog();
    block_.roll_back();
    end_block(BlockEnd::undone);
    launch_failing(running, *std::move(refusal), to_server);
}

} // namespace nimbus::local::dsql

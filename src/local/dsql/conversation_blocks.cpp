#include "base/assert.h"
#include "local/dsql/conversation.h"
#include "local/dsql/sql_tokens.h"

/// Statements that are executed one by one, and what is done between them so that blocks are
/// DSQL's.
namespace nimbus::local::dsql {
namespace {

/// BEGIN and START TRANSACTION have each its own.
std::string_view begin_tag(std::string_view text)
{
    const auto tokens = tokenize(text);
    return !tokens.empty() && tokens.front().is("start") ? "START TRANSACTION" : "BEGIN";
}

} // namespace

bool Conversation::is_quiet() const noexcept
{
    return open_syncs_ == 0 && !batch_open_ && !barrier_;
}

bool Conversation::has_work() const noexcept
{
    if (barrier_)
        return false;
    return held_ || again_ ||
           (has_to_make_way_ && is_quiet() && !steps_ &&
            block_.state() != OptimisticBlock::State::none);
}

void Conversation::work(Outgoing& to_client, Outgoing& to_server)
{
    NIMBUS_ASSERT(has_work(), "there is something to do");
    if (again_) {
        do_again(*std::exchange(again_, std::nullopt), to_server);
        return;
    }
    make_way();
    if (held_)
        do_held(*std::exchange(held_, std::nullopt), to_client, to_server);
}

void Conversation::make_way()
{
    if (!std::exchange(has_to_make_way_, false))
        return;
    if (const auto loss = options_.backstage->verdict())
        block_.lose(*loss);
}

void Conversation::end_block()
{
    block_.end();
    has_to_make_way_ = false;
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
    auto prepared = prepared_of(statement, text_for(statement, steps_->bytes, Execution::at_once));
    // A BEGIN inside of a block is PostgreSQL's to warn of.
    if (prepared.kind == StatementKind::begin && in_block)
        prepared.kind = StatementKind::read;
    start({.statement = std::make_shared<const Prepared>(std::move(prepared)),
           .protocol = QueryProtocol::simple,
           .is_described = false,
           .is_struck = is_struck},
          out);
}

void Conversation::start(Running running, Outgoing& out)
{
    const auto& statement = *running.statement;
    const bool begins =
        statement.kind == StatementKind::begin && block_.state() == OptimisticBlock::State::none;
    if (statement.refused || is_skipping_ ||
        (!begins && !running.is_struck && !block_.prepares(statement.kind, statement.lock))) {
        launch(std::move(running), out);
        return;
    }
    held_ = std::move(running);
    if (!is_quiet())
        begin_barrier({}, out);
}

/// Sends the statement as it is.
void Conversation::launch(Running running, Outgoing& out)
{
    const auto& statement = *running.statement;
    const bool is_simple = running.protocol == QueryProtocol::simple;
    const bool contends = (block_.state() == OptimisticBlock::State::shared ||
                           block_.state() == OptimisticBlock::State::copies) &&
                          OptimisticBlock::contends(statement.kind, statement.lock) &&
                          !statement.refused && !is_skipping_ && !statement.copy_in;
    if (contends)
        block_.executes(statement.lock, statement.text);
    if (is_simple) {
        pgwire::FrontendWriter writer;
        writer.parse("", statement.text);
        writer.bind("", {});
        writer.describe_portal();
        writer.execute();
        out.add(writer.bytes());
    } else {
        out.add(running.execute);
    }
    if (!is_simple && !contends && (!statement.counted_afterwards || is_skipping_))
        return;
    Barrier begun{.protocol = running.protocol, .prepared_by_us = is_simple};
    if (contends)
        begun.running = std::move(running);
    begin_barrier(std::move(begun), out);
}

/// Sends `text` in the statement's place.
void Conversation::launch_again(const Running& running, const std::string& text, Outgoing& out)
{
    pgwire::FrontendWriter writer;
    if (running.protocol == QueryProtocol::simple) {
        writer.parse("", text);
        writer.bind("", {});
        if (!running.is_described)
            writer.describe_portal();
    } else {
        writer.parse(barrier, text, running.statement->types);
        writer.bind("", barrier, running.values);
    }
    writer.execute();
    out.add(writer.bytes());
    begin_barrier({.protocol = running.protocol, .prepared_by_us = true}, out);
}

void Conversation::launch_failing(QueryProtocol protocol, Refusal refusal, Outgoing& out)
{
    pgwire::FrontendWriter writer;
    if (protocol == QueryProtocol::simple) {
        steps_.reset();
        writer.query(failing_statement(std::move(refusal)));
        out.add(writer.bytes());
        sync_sent();
    } else {
        writer.parse("", failing_statement(std::move(refusal)));
        out.add(writer.bytes());
    }
}

void Conversation::do_held(Running running, Outgoing& to_client, Outgoing& to_server)
{
    const auto& statement = *running.statement;
    if (block_.state() == OptimisticBlock::State::lost && statement.kind != StatementKind::commit) {
        if (auto refusal = block_.go_on()) {
            launch_failing(running.protocol, *std::move(refusal), to_server);
            return;
        }
    }
    const auto state = block_.state();
    if (state == OptimisticBlock::State::none) {
        begin_block(running, to_client, to_server);
        return;
    }
    if (statement.kind == StatementKind::commit && state != OptimisticBlock::State::failed) {
        commit_block(std::move(running), to_server);
        return;
    }
    switch (state) {
    case OptimisticBlock::State::shared:
        if (auto refusal = block_.set_savepoint())
            launch_failing(running.protocol, *std::move(refusal), to_server);
        else
            launch(std::move(running), to_server);
        return;
    case OptimisticBlock::State::copies: {
        const auto text = statement.copy_in ? std::unexpected(conflict(Loss::rows))
                                            : block_.on_copies(statement.text);
        // Never as the client has prepared it: that is bound to the tables themselves.
        if (text)
            launch_again(running, *text, to_server);
        else
            launch_failing(running.protocol, text.error(), to_server);
        return;
    }
    case OptimisticBlock::State::none:
    case OptimisticBlock::State::lost:
    case OptimisticBlock::State::failed:
        launch(std::move(running), to_server);
        return;
    }
}

/// The statement met somebody else's change.
void Conversation::do_again(const Running& running, Outgoing& to_server)
{
    auto refusal = block_.undo();
    make_way();
    if (!refusal && block_.state() == OptimisticBlock::State::lost)
        refusal = block_.go_on();
    const bool changes_schema = running.statement->kind == StatementKind::ddl;
    if (!refusal && changes_schema)
        refusal = block_.be_patient();
    if (refusal) {
        launch_failing(running.protocol, *std::move(refusal), to_server);
        return;
    }
    if (changes_schema) {
        launch_again(running, running.statement->text, to_server);
        is_patient_ = true;
        return;
    }
    const auto text = block_.on_copies(running.statement->text);
    if (text)
        launch_again(running, *text, to_server);
    else
        launch_failing(running.protocol, text.error(), to_server);
}

void Conversation::begin_block(const Running& running, Outgoing& to_client, Outgoing& to_server)
{
    const auto& text = running.statement->text;
    if (auto refusal = block_.begin(text)) {
        launch_failing(running.protocol, *std::move(refusal), to_server);
        return;
    }
    pgwire::BackendWriter writer;
    writer.command_complete(begin_tag(text));
    const bool is_all = steps_ && steps_->next == steps_->script->statements.size();
    if (is_all) {
        steps_.reset();
        writer.ready_for_query(pgwire::TransactionStatus::in_block);
    }
    to_client.add(writer.bytes());
    if (steps_)
        next_step(to_server);
}

void Conversation::commit_block(Running running, Outgoing& to_server)
{
    auto refusal =
        running.is_struck ? std::optional(conflict(Loss::rows)) : block_.prepare_commit();
    if (!refusal) {
        launch(std::move(running), to_server);
        return;
    }
    block_.roll_back();
    end_block();
    launch_failing(running.protocol, *std::move(refusal), to_server);
}

} // namespace nimbus::local::dsql

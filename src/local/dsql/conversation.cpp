#include "local/dsql/conversation.h"

#include "base/assert.h"
#include "local/dsql/table_names.h"

#include <algorithm>

namespace nimbus::local::dsql {
namespace {

Loss loss_by(StatementKind kind)
{
    return kind == StatementKind::ddl ? Loss::schema : Loss::rows;
}

bool is_counted_afterwards(const Statement& statement)
{
    return statement.kind == StatementKind::dml && !statement.rows && !statement.copy_in;
}

/// Does the client wait for its end?
bool is_followed(const Statement& statement)
{
    return is_counted_afterwards(statement) || statement.explains;
}

/// Does an Execute ask for no more than a number of rows?
bool is_limited(pgwire::Reader behind_portal)
{
    return behind_portal.int32() > 0;
}

} // namespace

Conversation::Conversation(ConversationOptions options)
    : options_(std::move(options)), block_(*options_.backstage)
{
    NIMBUS_ASSERT(options_.backstage != nullptr && options_.iam_statement != nullptr &&
                      options_.refused != nullptr,
                  "a conversation has somebody to ask and to tell");
}

std::size_t Conversation::from_client(std::string_view received, Outgoing& to_server)
{
    std::size_t taken = 0;
    while (!client_waits() && !terminated_ && !is_cut_off_) {
        const auto rest = received.substr(taken);
        const auto message = pgwire::first_message(rest, max_message);
        if (!message)
            break;
        if (comes_too_early(message->type)) {
            begin_barrier({}, to_server);
            break;
        }
        if (!passes_faults(message->type))
            break;
        const auto next = pgwire::first_header(rest.substr(message->size()));
        next_sync_ = next && next->type == pgwire::frontend::sync &&
                             rest.size() >= message->size() + next->size
                         ? next->size
                         : 0;
        client_message(*message, rest.substr(0, message->size()), to_server);
        taken += message->size() + std::exchange(taken_sync_, 0);
    }
    next_sync_ = 0;
    NIMBUS_ASSERT(taken <= received.size(), "whole messages are taken, of what was received");
    return taken;
}

bool Conversation::comes_too_early(char type) const noexcept
{
    return (type == pgwire::frontend::query || type == pgwire::frontend::function_call) &&
           batch_open_ && !is_settled_ && !is_skipping_ && !skips_batch_;
}

bool Conversation::passes_faults(char type)
{
    const bool executes = type == pgwire::frontend::query || type == pgwire::frontend::execute;
    if (!executes || std::exchange(has_paused_, false))
        return true;
    is_cut_off_ = options_.faults.strikes(Fault::disconnect);
    if (!is_cut_off_ && options_.faults.strikes(Fault::slow_statement))
        pause_ = Deadline::after(options_.faults.delay());
    return !is_cut_off_ && !pause_;
}

void Conversation::resume() noexcept
{
    pause_.reset();
    has_paused_ = true;
}

bool Conversation::commit_conflicts(StatementKind kind) const
{
    const auto state = block_.state();
    return kind == StatementKind::commit && rules_.has_dml() &&
           (state == OptimisticBlock::State::shared || state == OptimisticBlock::State::copies) &&
           options_.faults.strikes(Fault::conflict);
}

/// DSQL's sessions have a copy of the catalogue, and find out that it is old when they use a table
/// that has been changed (Aurora DSQL User Guide, "DDL and distributed transactions"); what they
/// are told of it makes it new. Within a block, COMMIT finds out.
bool Conversation::meets_new_catalog(StatementKind kind, const std::string& text)
{
    if (kind == StatementKind::begin || kind == StatementKind::commit ||
        kind == StatementKind::rollback || (rules_.in_block() && std::exchange(has_looked_, true)))
        return false;
    if (!options_.backstage->has_old_catalog())
        return false;
    const auto changed = options_.backstage->renew_catalog();
    return std::ranges::any_of(table_names(text), [&](const TableName& table) {
        return changed.contains(table.relation);
    });
}

std::optional<Refusal> Conversation::refusal_of(StatementKind kind, const std::string& text,
                                                std::optional<std::uint64_t> rows)
{
    if (late_conflict_ && (kind == StatementKind::begin || kind == StatementKind::commit ||
                           kind == StatementKind::rollback))
        return late_conflict_;
    const bool begins_to_change =
        kind == StatementKind::dml && !rules_.in_block() && !rules_.has_dml();
    if (auto refusal = rules_.admit(kind, rows, options_.clock()))
        return refusal;
    if (meets_new_catalog(kind, text))
        return conflict(Loss::schema);
    if (begins_to_change && options_.faults.strikes(Fault::conflict))
        return conflict(Loss::rows);
    return std::nullopt;
}

void Conversation::client_message(const pgwire::Message& message, std::string_view bytes,
                                  Outgoing& out)
{
    NIMBUS_ASSERT(!client_waits() && !terminated_, "nothing is taken from a client that waits");
    namespace frontend = pgwire::frontend;
    if (skips_batch_ && message.type != frontend::sync && message.type != frontend::terminate)
        return;
    switch (message.type) {
    case frontend::query:
        if (!is_skipping_)
            query(message, bytes, out);
        return;
    case frontend::parse:
        parse(message, bytes, out);
        return;
    case frontend::bind: {
        const auto bind = pgwire::bind_body(message.body);
        auto found = statements_.find(std::string(bind.statement));
        auto& portal = portals_[std::string(bind.portal)];
        portal = {.statement = found ? std::move(found) : no_portal_.statement};
        if (rules_.in_block() || portal.statement->counted_afterwards)
            portal.values = bind.values;
        ++due_.prepared;
        break;
    }
    case frontend::execute:
        execute(message, bytes, out);
        return;
    case frontend::close:
        close(message);
        break;
    case frontend::describe:
        ++due_.prepared;
        break;
    case frontend::flush:
        out.pass(bytes);
        return;
    case frontend::sync:
        if (queried_copy_)
            return; // PostgreSQL leaves it out between rows, too
        skips_batch_ = false;
        if (late_conflict_ && !is_skipping_) {
            pgwire::FrontendWriter writer;
            writer.parse("", failing_statement(*late_conflict_));
            out.add(writer.bytes());
        } else if (block_.has_word() && !is_skipping_) {
            begin_barrier({.protocol = QueryProtocol::extended, .ends_batch = true}, out);
            return;
        }
        out.pass(bytes);
        sync_sent();
        return;
    case frontend::copy_data:
        copy_data(message, bytes, out);
        return;
    case frontend::copy_done:
    case frontend::copy_fail:
        end_copy(bytes, out);
        return;
    case frontend::terminate:
        terminated_ = true;
        out.pass(bytes);
        return;
    case frontend::function_call: {
        if (is_skipping_)
            return;
        pgwire::FrontendWriter writer;
        writer.query(failing_statement({.sqlstate = sqlstate::feature_not_supported,
                                        .message = "function call protocol not supported"}));
        out.add(writer.bytes());
        sync_sent();
        return;
    }
    default:
        throw pgwire::Malformed("invalid frontend message type " +
                                std::to_string(static_cast<unsigned char>(message.type)));
    }
    batch_goes_on();
    out.pass(bytes);
}

void Conversation::batch_goes_on() noexcept
{
    batch_open_ = true;
    is_settled_ = false;
}

void Conversation::sync_sent()
{
    ++sent_syncs_;
    ++open_syncs_;
    batch_open_ = false;
    is_settled_ = false;
    is_skipping_ = false;
    late_conflict_.reset();
    due_ = {};
    block_.forget_word();
    rules_.end_of_statements();
}

/// Takes the Sync behind the message at hand from the client, if it is there.
bool Conversation::take_sync() noexcept
{
    taken_sync_ = std::exchange(next_sync_, 0);
    return taken_sync_ > 0;
}

std::string Conversation::failing_statement(Refusal refusal)
{
    options_.refused(refusal);
    const auto number = next_refusal_++;
    refusals_.emplace(number, std::move(refusal));
    return "SELECT " + std::string(marker) + std::to_string(number);
}

Conversation::Prepared Conversation::prepared_of(const Statement& statement, Text text)
{
    return {.kind = statement.kind,
            .lock = statement.lock,
            .rows = statement.rows,
            .counted_afterwards = is_counted_afterwards(statement),
            .explains = statement.explains,
            .copy_in = statement.copy_in,
            .refused = text.refused,
            .text = std::move(text.sql)};
}

Conversation::Text Conversation::text_for(const Statement& statement, Execution execution)
{
    if (statement.refusal)
        return {failing_statement(*statement.refusal), true};
    if (execution == Execution::at_once)
        if (auto refusal = refusal_of(statement.kind, statement.text, statement.rows))
            return {failing_statement(*std::move(refusal)), true};
    loss_of_others_ = loss_by(statement.kind);
    if (!statement.iam)
        return {statement.text};
    auto text = options_.iam_statement(*statement.iam);
    return text ? Text{*std::move(text)} : Text{failing_statement(std::move(text.error())), true};
}

/// Are the statements of a query executed one by one? They are when something may have to be done
/// between them, or with the rows that they change.
bool Conversation::goes_in_steps(const Script& script) const
{
    const auto& statements = script.statements;
    const auto concerns_others = [this](const Statement& each) {
        return !rules_.in_block() && block_.concerns_others(each.kind, each.lock);
    };
    const auto begins = [](const Statement& each) { return each.kind == StatementKind::begin; };
    const auto copies = [](const Statement& each) { return each.copy_in.has_value(); };
    if (statements.empty())
        return false;
    if (std::ranges::any_of(statements, copies))
        return statements.size() == 1 && rules_.in_block();
    if (statements.size() > 1)
        return rules_.in_block() || std::ranges::any_of(statements, begins) ||
               std::ranges::any_of(statements, is_followed) ||
               std::ranges::any_of(statements, concerns_others);
    const auto& only = statements.front();
    if (only.refusal)
        return false;
    if (begins(only))
        return !rules_.in_block();
    if (only.kind == StatementKind::commit && options_.faults.is_on())
        return rules_.in_block();
    return is_followed(only) || concerns_others(only) ||
           (rules_.in_block() && (OptimisticBlock::contends(only.kind, only.lock) ||
                                  block_.prepares(only.kind, only.lock)));
}

void Conversation::query(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    pgwire::Reader reader(message.body);
    const auto script = scripts_.find_or_read(reader.text());
    if (!reader.at_end())
        throw pgwire::Malformed("the query goes on after its end");
    statements_.set(sent_syncs_, "", nullptr);
    portals_.erase("");

    pgwire::FrontendWriter writer;
    if (script->refusal || late_conflict_) {
        writer.query(failing_statement(script->refusal ? *script->refusal : *late_conflict_));
        out.add(writer.bytes());
        sync_sent();
        return;
    }
    if (goes_in_steps(*script)) {
        steps_ = Steps{.script = script};
        next_step(out);
        return;
    }
    block_.reads();
    std::string text;
    bool changed = false;
    for (const auto& statement : script->statements) {
        const auto part = text_for(statement, Execution::at_once);
        changed = changed || statement.rewritten || part.sql != statement.text;
        if (!text.empty())
            text += ';';
        text += part.sql;
        if (statement.copy_in)
            copies_.push_back({sent_syncs_, CopyRows(*statement.copy_in)});
        ends_block_ = ends_block_ || ends_block(statement.kind);
    }
    if (changed) {
        writer.query(text);
        out.add(writer.bytes());
    } else {
        out.pass(bytes);
    }
    sync_sent();
}

void Conversation::parse(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    const auto parse = pgwire::parse_body(message.body);
    const auto script = scripts_.find_or_read(parse.text);
    batch_goes_on();
    ++due_.prepared;
    Prepared prepared;
    std::optional<std::string> text;
    if (script->refusal) {
        text = failing_statement(*script->refusal);
    } else if (script->statements.size() == 1) {
        const auto& statement = script->statements.front();
        prepared = prepared_of(statement, text_for(statement, Execution::later));
        prepared.types = parse.types;
        if (!script->unchanged())
            text = prepared.text;
    } else if (!script->statements.empty()) {
        text = failing_statement(
            {.sqlstate = sqlstate::syntax_error,
             .message = "cannot insert multiple commands into a prepared statement"});
    }
    statements_.set(sent_syncs_, std::string(parse.statement),
                    std::make_shared<const Prepared>(std::move(prepared)));
    if (!text) {
        out.pass(bytes);
        return;
    }
    pgwire::FrontendWriter writer;
    writer.parse(parse.statement, *text, parse.types);
    out.add(writer.bytes());
}

void Conversation::execute(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    pgwire::Reader reader(message.body);
    std::string name(reader.text());
    const auto found = portals_.find(name);
    const auto& portal = found == portals_.end() ? no_portal_ : found->second;
    const auto& statement = *portal.statement;
    const bool goes_on = portal.is_begun;
    if (found != portals_.end()) {
        found->second.is_begun = true;
        found->second.is_in_parts = portal.is_in_parts || is_limited(reader);
    }
    const bool explains = statement.explains && !portal.is_in_parts;
    batch_goes_on();
    const bool begins_block = statement.kind == StatementKind::begin && !rules_.in_block();
    const bool is_struck = commit_conflicts(statement.kind);
    if (auto refusal = refusal_of(statement.kind, statement.text, statement.rows)) {
        pgwire::FrontendWriter writer;
        writer.parse("", failing_statement(*std::move(refusal)));
        out.add(writer.bytes());
        return;
    }
    loss_of_others_ = loss_by(statement.kind);
    if (!begins_block && !statement.copy_in && block_.state() == OptimisticBlock::State::none) {
        if (concerns_others(statement))
            block_.executes_alone(statement.kind, statement.lock, statement.text);
        out.pass(bytes);
        if (!(statement.counted_afterwards || explains) || is_skipping_) {
            ++due_.executed;
            return;
        }
        Barrier begun{.protocol = QueryProtocol::extended,
                      .counts_rows = statement.counted_afterwards,
                      .explains = explains};
        // A conflict is learnt of at the end of the batch, which may be this one's.
        if (statement.counted_afterwards && next_sync_ == 0 && !goes_on && !late_conflict_)
            begun.running = Running{.statement = portal.statement,
                                    .values = portal.values,
                                    .execute = std::string(bytes),
                                    .portal = std::move(name)};
        begin_barrier(std::move(begun), out);
        return;
    }
    start({.statement = portal.statement,
           .protocol = QueryProtocol::extended,
           .values = portal.values,
           .execute = std::string(bytes),
           .portal = std::move(name),
           .goes_on = goes_on,
           .explains = explains,
           .is_struck = is_struck},
          out);
}

void Conversation::close(const pgwire::Message& message)
{
    const auto named = pgwire::named_body(message.body);
    if (named.kind == pgwire::Named::statement) {
        statements_.set(sent_syncs_, std::string(named.name), nullptr);
    } else {
        statements_.pass(sent_syncs_);
        portals_.erase(std::string(named.name));
    }
    ++due_.closed;
}

void Conversation::begin_barrier(Barrier begun, Outgoing& out)
{
    NIMBUS_ASSERT(!barrier_, "the client waits while a statement's rows are counted");
    begun.syncs_before = open_syncs_;
    barrier_ = std::move(begun);
    if (barrier_->is_at_ready)
        return;
    pgwire::FrontendWriter writer;
    // Behind a query, there is no unnamed statement.
    if (!barrier_->begins_block)
        writer.close_statement(barrier_->protocol == QueryProtocol::simple ? "" : barrier);
    writer.flush();
    out.add(writer.bytes());
}

} // namespace nimbus::local::dsql

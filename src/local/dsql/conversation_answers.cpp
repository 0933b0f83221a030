#include "base/assert.h"
#include "base/number.h"
#include "base/text.h"
#include "local/dsql/conversation.h"
#include "local/dsql/plan_form.h"
#include "local/dsql/settings.h"

/// What the server says, on its way to the client.
namespace nimbus::local::dsql {
namespace {

namespace backend = pgwire::backend;

/// Rows of a statement in a block, until it is certain that it is not done again.
constexpr std::size_t max_held_rows = 16 * 1024 * 1024;

/// The SQLSTATE of notices that name the tag of the statement under way; see bootstrap_sql.h.
constexpr std::string_view tag_notice = "NB000";
/// … and of those that name the relations which it has changed.
constexpr std::string_view change_notice = "NB001";
/// … and of those for each row that a foreign key has changed.
constexpr std::string_view cascade_notice = "NB002";

/// The number in `column "nimbus_refusal_<n>" does not exist`.
std::optional<std::uint64_t> marked_refusal(std::string_view message)
{
    const auto start = message.find(Conversation::marker);
    if (start == std::string_view::npos)
        return std::nullopt;
    auto digits = message.substr(start + Conversation::marker.size());
    return take_number<std::uint64_t>(digits);
}

/// PostgreSQL's errors that DSQL does not have, in DSQL's words; nothing for the others.
std::optional<Refusal> dsql_error(const pgwire::ErrorFields& fields)
{
    const auto& code = fields.sqlstate;
    // Serialization failure, deadlock, lock not available: DSQL never waits for locks, and reports
    // what they would have ended in.
    if ((code == sqlstate::serialization_failure && !fields.message.contains("(OC")) ||
        code == sqlstate::deadlock_detected || code == sqlstate::lock_not_available)
        return conflict(Loss::rows);
    // Two changed the catalogue at once; what PostgreSQL makes of it depends on who came when.
    if ((code == sqlstate::unique_violation && fields.constraint.starts_with("pg_")) ||
        (code == sqlstate::internal_error && fields.message.starts_with("tuple concurrently ")))
        return conflict(Loss::schema);
    // A page of PostgreSQL's has room for less than DSQL's key would be.
    if (code == sqlstate::program_limit_exceeded && fields.message.starts_with("index row "))
        return Refusal{.sqlstate = sqlstate::program_limit_exceeded,
                       .message = "key size too large"};
    if (code == sqlstate::query_canceled && fields.message.contains("statement timeout"))
        return Refusal{.sqlstate = sqlstate::program_limit_exceeded,
                       .message = "transaction age limit of 300s exceeded",
                       .detail = "Current transaction age 300s exceeds 300s"};
    return std::nullopt;
}

/// Is it the completion of BEGIN or START TRANSACTION?
bool begins_block(std::string_view completion)
{
    const auto tag = pgwire::command_tag(completion.substr(pgwire::header_size));
    return tag == "BEGIN" || tag == "START TRANSACTION";
}

/// The rows of an EXPLAIN as DSQL sends them; whatever else they are, as they are.
std::string explained(std::string_view rows, const OptimisticBlock& block)
{
    std::vector<std::string_view> lines;
    for (auto rest = rows; !rest.empty();) {
        const auto row = pgwire::first_message(rest, rest.size());
        const auto columns = pgwire::data_row(row->body);
        if (columns.size() != 1 || !columns.front())
            return std::string(rows);
        lines.push_back(*columns.front());
        rest.remove_prefix(row->size());
    }
    pgwire::BackendWriter writer;
    for (auto& line : dsql_plan(lines))
        writer.data_row({block.with_originals(std::move(line))});
    return writer.release();
}

std::string error_message(const Refusal& refusal)
{
    pgwire::BackendWriter writer;
    writer.error({.sqlstate = refusal.sqlstate,
                  .message = refusal.message,
                  .detail = refusal.detail,
                  .hint = refusal.hint,
                  .position = refusal.position == 0 ? "" : std::to_string(refusal.position)});
    return writer.release();
}

} // namespace

std::size_t Conversation::from_server(std::string_view received, Outgoing& to_client,
                                      Outgoing& to_server)
{
    std::size_t taken = 0;
    while (taken < received.size()) {
        const auto rest = received.substr(taken);
        if (pass_through_ > 0) {
            const auto part = rest.substr(0, pass_through_);
            to_client.pass(part);
            pass_through_ -= part.size();
            taken += part.size();
            continue;
        }
        const auto header = pgwire::first_header(rest);
        if (!header)
            break;
        if (header->type == backend::data_row && (holds_rows() || answers_addition())) {
            if (rest.size() < header->size)
                break;
            if (holds_rows())
                hold_row(rest.substr(0, header->size), to_client);
            taken += header->size;
            continue;
        }
        if (header->type == backend::data_row || header->type == backend::copy_data) {
            pass_through_ = header->size;
            continue;
        }
        if (rest.size() < header->size)
            break;
        const auto bytes = rest.substr(0, header->size);
        const pgwire::Message message{header->type, bytes.substr(pgwire::header_size)};
        if (server_message(message, bytes, to_client, to_server))
            to_client.pass(bytes);
        taken += bytes.size();
    }
    NIMBUS_ASSERT(taken <= received.size(), "no more is taken than was received");
    return taken;
}

/// Is the message one that goes through as it came?
bool Conversation::server_message(const pgwire::Message& message, std::string_view bytes,
                                  Outgoing& to_client, Outgoing& to_server)
{
    switch (message.type) {
    case backend::error_response:
        server_error(message, bytes, to_client);
        if (barrier_is_next() && barrier_->is_at_ready)
            barrier_->has_failed = true;
        else if (barrier_is_next())
            end_barrier(Outcome::failed, to_client, to_server);
        return false;
    case backend::notice_response:
        server_notice(message, bytes, to_client);
        return false;
    case backend::command_complete:
        if (!answers_addition())
            completion(bytes, to_client);
        return false;
    case backend::ready_for_query:
        if (barrier_is_next() && barrier_->is_at_ready)
            return ready_behind_barrier(message, to_client, to_server);
        if (ends_copy() || ends_queried_copy(message))
            return false;
        if (!last_completion_.empty())
            to_client.add(std::exchange(last_completion_, {}));
        ready(message);
        return true;
    case backend::parameter_status: {
        const auto [name, value] = pgwire::parameter_status(message.body);
        if (!fits_the_parser(name, value))
            throw ReadsDiffer(name);
        return true;
    }
    case backend::copy_in_response:
        return takes_copy_data();
    case backend::row_description:
        if (answers_addition())
            return false;
        is_prepared(message.type);
        return true;
    case backend::parse_complete:
    case backend::bind_complete:
    case backend::no_data:
        return is_prepared(message.type);
    case backend::portal_suspended:
        if (!answers_batch(due_.executed))
            release_rows(to_client);
        return true;
    case backend::empty_query_response:
        answers_batch(due_.executed);
        return true;
    case backend::close_complete:
        return is_closed(to_client, to_server);
    default:
        return true;
    }
}

/// One of the answers to Parse, Bind and Describe. True when the client asked for it.
bool Conversation::is_prepared(char type)
{
    if (answers_addition())
        return false;
    if (barrier_is_next() && barrier_->prepared_by_us) {
        barrier_->is_described =
            barrier_->is_described || type == backend::row_description || type == backend::no_data;
        return false;
    }
    answers_batch(due_.prepared);
    if (type == backend::parse_complete)
        statements_.confirm();
    return true;
}

/// True when the client asked for it.
bool Conversation::is_closed(Outgoing& to_client, Outgoing& to_server)
{
    if (answers_batch(due_.closed) || !barrier_is_next()) {
        statements_.confirm();
        return true;
    }
    if (!barrier_->is_at_ready && --barrier_->open_closes == 0)
        end_barrier(Outcome::done, to_client, to_server);
    return false;
}

/// Is it the answer to one of those messages, in the batch that has no Sync so far?
bool Conversation::answers_batch(std::size_t& due) noexcept
{
    if (open_syncs_ > 0 || due == 0)
        return false;
    --due;
    return true;
}

bool Conversation::barrier_is_next() const noexcept
{
    return barrier_ && barrier_->syncs_before == 0;
}

/// Is the server's next answer to a statement of ours behind BEGIN?
bool Conversation::answers_addition() const noexcept
{
    return barrier_is_next() && barrier_->begins_block && barrier_->completion;
}

bool Conversation::may_be_done_again() const noexcept
{
    return barrier_is_next() && due_.executed == 0 && barrier_->running;
}

bool Conversation::holds_rows() const noexcept
{
    return may_be_done_again() || (barrier_is_next() && due_.executed == 0 && barrier_->explains);
}

void Conversation::hold_row(std::string_view bytes, Outgoing& to_client)
{
    barrier_->rows += bytes;
    if (barrier_->rows.size() > max_held_rows)
        release_rows(to_client);
}

/// What the client has seen of a statement cannot be undone.
void Conversation::release_rows(Outgoing& to_client)
{
    if (!holds_rows())
        return;
    to_client.add(barrier_->rows);
    barrier_->rows.clear();
    barrier_->running.reset();
}

/// Is it what a meeting with somebody else looks like, inside of a block or outside?
bool Conversation::is_met(const pgwire::ErrorFields& fields, bool is_meeting) const
{
    if (block_.state() != OptimisticBlock::State::none)
        return is_meeting;
    const auto refusal = dsql_error(fields);
    return refusal && refusal->sqlstate == sqlstate::serialization_failure;
}

void Conversation::server_error(const pgwire::Message& message, std::string_view bytes,
                                Outgoing& to_client)
{
    next_tag_.clear();
    last_completion_.clear();
    changed_.clear();
    auto fields = pgwire::error_fields(message.body);
    ended_ = ended_ || fields.severity == "FATAL" || fields.severity == "PANIC";
    is_skipping_ = batch_open_ && open_syncs_ == 0;
    const bool was_prepared = due_.prepared == 0;
    const bool is_cancelled_for_others =
        fields.sqlstate == sqlstate::query_canceled && options_.backstage->was_cancelled();
    const bool is_meeting = is_cancelled_for_others || block_.is_meeting(fields.sqlstate);
    if (!ended_ && copy_meets(is_meeting))
        return;
    if (queried_copy_)
        queried_copy_->has_failed = true;
    // What follows in the batch that fails, the server leaves out.
    std::erase_if(copies_,
                  [failed = batch_at_hand()](const Copy& copy) { return copy.batch == failed; });
    statements_.fail(batch_at_hand());
    // Where the client waits for more than the end of the statement, it is not done again.
    if (may_be_done_again() && !ended_ && was_prepared && is_met(fields, is_meeting)) {
        barrier_->has_met_somebody = true;
        return;
    }
    release_rows(to_client);
    if (open_syncs_ == 0)
        due_ = {};
    block_.fail();
    if (const auto number = marked_refusal(fields.message)) {
        if (const auto found = refusals_.find(*number); found != refusals_.end()) {
            to_client.add(error_message(found->second));
            refusals_.erase(found);
            return;
        }
    }
    if (is_cancelled_for_others) {
        to_client.add(error_message(conflict(Loss::rows)));
        return;
    }
    if (late_conflict_ && fields.sqlstate == sqlstate::invalid_cursor_name) {
        // A portal of before.
        to_client.add(error_message(*late_conflict_));
        return;
    }
    if (const auto refusal = dsql_error(fields)) {
        to_client.add(error_message(*refusal));
        return;
    }
    const bool is_ours = fields.where.contains("sys.nimbus_");
    if (!is_ours && !block_.has_copies()) {
        to_client.pass(bytes);
        return;
    }
    if (is_ours)
        fields.where.clear();
    block_.name_originals(fields);
    pgwire::BackendWriter writer;
    writer.error(fields);
    to_client.add(writer.bytes());
}

void Conversation::server_notice(const pgwire::Message& message, std::string_view bytes,
                                 Outgoing& to_client)
{
    auto fields = pgwire::error_fields(message.body);
    if (fields.sqlstate == tag_notice) {
        next_tag_ = std::move(fields.message);
        return;
    }
    if (fields.sqlstate == change_notice) {
        for (const auto text : split(fields.message, ' '))
            if (const auto relation = parse_number<RecentCommits::Relation>(text))
                changed_.insert(*relation);
        return;
    }
    if (fields.sqlstate == cascade_notice) {
        if (barrier_is_next())
            ++barrier_->cascaded;
        return;
    }
    to_client.pass(bytes);
}

void Conversation::completion(std::string_view bytes, Outgoing& to_client)
{
    if (block_.state() != OptimisticBlock::State::none) {
        const auto tag = pgwire::command_tag(bytes.substr(pgwire::header_size));
        if (tag == "COMMIT") {
            publish_changes();
            end_block(BlockEnd::committed);
        } else if (tag == "ROLLBACK") {
            changed_.clear();
            end_block(BlockEnd::undone);
        }
    }
    pgwire::BackendWriter renamed;
    if (!next_tag_.empty()) {
        renamed.command_complete(std::exchange(next_tag_, {}));
        bytes = renamed.bytes();
    }
    const bool is_waited_for = !answers_batch(due_.executed) && barrier_is_next() &&
                               (!barrier_->begins_block || begins_block(bytes));
    if (is_waited_for)
        barrier_->completion = std::string(bytes);
    else if (renamed.bytes().empty())
        to_client.pass(bytes);
    else
        to_client.add(bytes);
}

void Conversation::ready(const pgwire::Message& message)
{
    const auto status = message.body.empty() ? pgwire::TransactionStatus::idle
                                             : pgwire::TransactionStatus{message.body.front()};
    if (status == pgwire::TransactionStatus::idle) {
        publish_changes();
        end_block(BlockEnd::undone);
    } else if (status == pgwire::TransactionStatus::failed) {
        block_.fail();
    }
    statements_.settle(batch_at_hand());
    if (open_syncs_ > 0)
        --open_syncs_;
    if (barrier_ && barrier_->syncs_before > 0)
        --barrier_->syncs_before;
    if (open_syncs_ > 0)
        return;
    ends_block_ = false;
    if (batch_open_ || barrier_)
        return;
    refusals_.clear();
    if (status == pgwire::TransactionStatus::idle)
        portals_.clear();
    rules_.set_in_block(status != pgwire::TransactionStatus::idle);
}

/// The statement was answered, or failed, and with it the batch. True when the client learns of it
/// by the server's own message.
bool Conversation::ready_behind_barrier(const pgwire::Message& message, Outgoing& to_client,
                                        Outgoing& to_server)
{
    const auto outcome = barrier_->has_failed ? Outcome::failed : Outcome::done;
    Outgoing in_turn;
    end_barrier(outcome, to_client, in_turn);
    if (!in_turn.empty())
        to_server.add(in_turn.bytes());
    if (again_ || held_ || steps_ || !in_turn.empty())
        return false;
    if (!last_completion_.empty())
        to_client.add(std::exchange(last_completion_, {}));
    sync_sent();
    ready(message);
    return true;
}

/// The statement was answered, or failed. Too many rows: what it did must not be committed.
void Conversation::end_barrier(Outcome outcome, Outgoing& to_client, Outgoing& to_server)
{
    NIMBUS_ASSERT(barrier_is_next(), "a barrier ends when everything before it was answered");
    auto ended = *std::exchange(barrier_, std::nullopt);
    is_patient_ = false;
    is_settled_ = batch_open_;
    if (ended.has_met_somebody) {
        again_ = std::move(ended.running);
        again_->is_described = again_->is_described || ended.is_described;
        return;
    }
    if (!ended.rows.empty())
        to_client.add(ended.explains ? explained(ended.rows, block_) : ended.rows);
    pgwire::FrontendWriter writer;
    bool fails = outcome == Outcome::failed;
    if (ended.begins_block)
        fails ? block_.did_not_begin() : block_.begun();
    if (ended.ends_word)
        block_.word_ends(fails ? BlockEnd::undone : BlockEnd::committed);
    if (ended.completion && !(ended.begins_block && fails)) {
        const auto tag =
            pgwire::command_tag(std::string_view(*ended.completion).substr(pgwire::header_size));
        const auto own_rows = ended.counts_rows ? pgwire::affected_rows(tag) : 0;
        if (auto refusal = rules_.add_rows(own_rows + ended.cascaded)) {
            writer.parse("", failing_statement(*std::move(refusal)));
            fails = true;
        } else if (ended.ends_batch && ended.protocol == QueryProtocol::simple &&
                   !ended.is_at_ready && !rules_.in_block()) {
            last_completion_ = *std::move(ended.completion);
        } else {
            to_client.add(*ended.completion);
        }
    }
    if (fails) {
        held_.reset(); // the server leaves it out
        steps_.reset();
    } else if (held_) {
        return; // it waited for this
    } else if (steps_ && ended.ends_batch) {
        steps_.reset();
    }
    const bool is_refused = !writer.bytes().empty();
    const bool is_over = ended.ends_batch || (ended.protocol == QueryProtocol::simple && !steps_);
    const bool sends_sync = is_over && (is_refused || !ended.is_at_ready);
    leaves_word_ = sends_sync && !fails && block_.has_word();
    if (sends_sync && !leaves_word_)
        writer.sync();
    if (!writer.bytes().empty())
        to_server.add(writer.bytes());
    if (leaves_word_)
        return;
    if (sends_sync)
        sync_sent();
    else if (steps_)
        next_step(to_server);
}

} // namespace nimbus::local::dsql

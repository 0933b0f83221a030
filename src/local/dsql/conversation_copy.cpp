#include "base/assert.h"
#include "local/dsql/conversation.h"

/// COPY FROM STDIN: the rows that pass are counted, and in a block, they are kept until it is
/// certain that they are not sent again.
namespace nimbus::local::dsql {
namespace {

/// What is kept of a COPY: what may be copied for a block, too.
constexpr std::size_t max_kept = 64 * 1024 * 1024;

} // namespace

/// Sends it as a query, on the tables that `text` names.
void Conversation::launch_copy(Running running, const std::string& text, Outgoing& out)
{
    const auto& statement = *running.statement;
    NIMBUS_ASSERT(statement.copy_in && !queried_copy_, "rows come for one statement at a time");
    if (running.protocol == QueryProtocol::extended)
        queried_copy_ = QueriedCopy{};
    pgwire::FrontendWriter writer;
    writer.query(text);
    out.add(writer.bytes());
    copies_.push_back({sent_syncs_, CopyRows(*statement.copy_in)});
    if (block_.state() == OptimisticBlock::State::shared) {
        block_.executes(statement.kind, statement.lock, statement.text);
        block_copy_ = BlockCopy{.running = std::move(running)};
    }
    steps_.reset();
    sync_sent();
}

void Conversation::copy_data(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    if (copies_.empty()) {
        out.pass(bytes); // left over from a COPY that failed; PostgreSQL ignores it, too
        return;
    }
    const auto rows = copies_.front().rows.add(message.body);
    auto refusal = rules_.admit(StatementKind::dml, rows, options_.clock());
    if (!refusal) {
        if (!keep_for_again(bytes))
            out.pass(bytes);
        return;
    }
    copies_.pop_front();
    if (has_copy_met_somebody()) {
        block_copy_->refusal = std::move(refusal);
        again_ = block_copy_->running;
        return;
    }
    options_.refused(*refusal);
    const auto number = next_refusal_++;
    pgwire::FrontendWriter writer;
    writer.copy_fail(std::string(marker) + std::to_string(number));
    refusals_.emplace(number, *std::move(refusal));
    out.add(writer.bytes());
}

void Conversation::end_copy(std::string_view bytes, Outgoing& out)
{
    if (queried_copy_)
        queried_copy_->is_taking_data = false;
    if (!copies_.empty())
        copies_.pop_front();
    if (!keep_for_again(bytes)) {
        if (block_copy_)
            block_copy_->is_complete = true;
        out.pass(bytes);
        return;
    }
    block_copy_->is_complete = true;
    again_ = block_copy_->running;
}

/// Keeps it if it may have to be sent again. True when it is not sent now.
bool Conversation::keep_for_again(std::string_view bytes)
{
    if (!block_copy_)
        return false;
    auto& copy = *block_copy_;
    if (copy.data && copy.data->size() + bytes.size() <= max_kept)
        copy.data->append(bytes);
    else if (!copy.has_met_somebody)
        copy.data.reset();
    else
        copy.refusal = conflict(Loss::rows);
    return copy.has_met_somebody;
}

bool Conversation::has_copy_met_somebody() const noexcept
{
    return block_copy_ && block_copy_->has_met_somebody;
}

/// Is the error at hand what a COPY that can be done again looks like when it meets somebody?
bool Conversation::copy_meets(bool is_meeting)
{
    if (!is_meeting || !block_copy_ || open_syncs_ != 1 || !block_copy_->data ||
        block_copy_->is_again)
        return false;
    block_copy_->has_met_somebody = true;
    return true;
}

/// The query has ended that is a COPY. True when it is done again: the client is not told.
bool Conversation::ends_copy()
{
    if (!block_copy_ || open_syncs_ != 1)
        return false;
    if (!block_copy_->has_met_somebody || block_copy_->is_again) {
        block_copy_.reset();
        return false;
    }
    --open_syncs_;
    if (!block_copy_->is_taking_data || block_copy_->is_complete)
        again_ = block_copy_->running;
    return true;
}

/// True when the query has ended that a COPY of the extended protocol was: its client learns of
/// that by the answer to its Sync.
bool Conversation::ends_queried_copy(const pgwire::Message& ready_for_query)
{
    if (!queried_copy_)
        return false;
    skips_batch_ = std::exchange(queried_copy_, std::nullopt)->has_failed;
    ready(ready_for_query);
    return true;
}

/// The server asks for the rows. True when the client is to send them.
bool Conversation::takes_copy_data() noexcept
{
    const bool is_from_client =
        !block_copy_ || !std::exchange(block_copy_->is_taking_data, true) || !block_copy_->is_again;
    if (queried_copy_ && is_from_client)
        queried_copy_->is_taking_data = true;
    return is_from_client;
}

void Conversation::do_copy_again(Outgoing& to_server)
{
    auto& copy = *block_copy_;
    auto refusal = undo_for_again();
    if (!refusal)
        refusal = std::move(copy.refusal);
    const auto& statement = *copy.running.statement;
    const auto text = refusal ? std::unexpected(*std::move(refusal))
                              : block_.on_copies(statement.lock, statement.text);
    if (!text) {
        const auto running = std::move(copy.running);
        block_copy_.reset();
        queried_copy_.reset();
        launch_failing(running, text.error(), to_server);
        return;
    }
    copy.is_again = true;
    pgwire::FrontendWriter writer;
    writer.query(*text);
    to_server.add(writer.bytes());
    if (copy.is_taking_data)
        to_server.add(*copy.data);
    else if (!copies_.empty())
        copies_.front().batch = sent_syncs_;
    sync_sent();
}

} // namespace nimbus::local::dsql

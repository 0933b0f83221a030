#include "local/dsql/conversation.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace nimbus::local::dsql {
namespace {

constexpr std::string_view marker = "nimbus_refusal_";
/// The SQLSTATE of notices that name the tag of the statement under way; see bootstrap_sql.h.
constexpr std::string_view tag_notice = "NB000";

bool is_counted_afterwards(const Statement& statement)
{
    return statement.kind == StatementKind::dml && !statement.rows && !statement.copies_in;
}

/// The number in `column "nimbus_refusal_<n>" does not exist`.
std::optional<std::uint64_t> marked_refusal(std::string_view message)
{
    const auto start = message.find(marker);
    if (start == std::string_view::npos)
        return std::nullopt;
    const auto digits = message.substr(start + marker.size());
    std::uint64_t number = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return failure == std::errc{} ? std::optional(number) : std::nullopt;
}

/// PostgreSQL's errors that DSQL does not have, in DSQL's words; nothing for the others.
std::optional<Refusal> dsql_error(const pgwire::ErrorFields& fields)
{
    const auto& code = fields.sqlstate;
    // Serialization failure, deadlock, lock not available: DSQL never waits for locks, and reports
    // what they would have ended in.
    if ((code == "40001" && !fields.message.contains("(OC")) || code == "40P01" || code == "55P03")
        return Refusal{.sqlstate = sqlstate::serialization_failure,
                       .message = "change conflicts with another transaction (OC000)"};
    // Two changed the catalogue at once; what PostgreSQL makes of it depends on who came when.
    if ((code == "23505" && fields.constraint.starts_with("pg_")) ||
        (code == sqlstate::internal_error && fields.message.starts_with("tuple concurrently ")))
        return Refusal{.sqlstate = sqlstate::serialization_failure,
                       .message = "schema has been updated by another transaction (OC001)"};
    if (code == "57014" && fields.message.contains("statement timeout"))
        return Refusal{.sqlstate = sqlstate::program_limit_exceeded,
                       .message = "transaction age limit of 300s exceeded",
                       .detail = "Current transaction age 300s exceeds 300s"};
    return std::nullopt;
}

std::string error_message(const Refusal& refusal)
{
    pgwire::BackendWriter writer;
    writer.error({.sqlstate = refusal.sqlstate,
                  .message = refusal.message,
                  .detail = refusal.detail,
                  .hint = refusal.hint});
    return writer.release();
}

} // namespace

Conversation::Conversation(ConversationOptions options)
    : options_(std::move(options)), scripts_(options_.reader)
{
}

// --- from the client ----------------------------------------------------------------------------

std::size_t Conversation::from_client(std::string_view received, Outgoing& to_server)
{
    std::size_t taken = 0;
    while (!client_waits() && !terminated_) {
        const auto rest = received.substr(taken);
        const auto message = pgwire::first_message(rest, max_message);
        if (!message)
            break;
        client_message(*message, rest.substr(0, message->size()), to_server);
        taken += message->size();
    }
    return taken;
}

void Conversation::client_message(const pgwire::Message& message, std::string_view bytes,
                                  Outgoing& out)
{
    switch (message.type) {
    case 'Q':
        query(message, bytes, out);
        return;
    case 'P':
        parse(message, bytes, out);
        return;
    case 'B': {
        const auto bind = pgwire::bind_body(message.body);
        const auto found = statements_.find(std::string(bind.statement));
        portals_[std::string(bind.portal)] = {
            found == statements_.end() ? Prepared{} : found->second, message.body.size()};
        break;
    }
    case 'E':
        execute(message, bytes, out);
        return;
    case 'C':
        close(message);
        break;
    case 'D':
    case 'H':
        break;
    case 'S':
        out.pass(bytes);
        sync_sent();
        return;
    case 'd':
        copy_data(message, bytes, out);
        return;
    case 'c':
    case 'f':
        copying_in_ = false;
        out.pass(bytes);
        return;
    case 'X':
        terminated_ = true;
        out.pass(bytes);
        return;
    case 'F': {
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
    batch_open_ = true;
    out.pass(bytes);
}

void Conversation::sync_sent()
{
    ++open_syncs_;
    closes_in_batch_ = 0;
    batch_open_ = false;
    rules_.end_of_statements();
}

std::string Conversation::failing_statement(Refusal refusal)
{
    options_.refused(refusal);
    const auto number = next_refusal_++;
    refusals_.emplace(number, std::move(refusal));
    return "SELECT " + std::string(marker) + std::to_string(number);
}

std::string Conversation::text_for(const Statement& statement, std::size_t bytes, bool at_once)
{
    if (statement.refusal)
        return failing_statement(*statement.refusal);
    if (at_once)
        if (auto refusal = rules_.admit(statement.kind, statement.rows, bytes, options_.clock()))
            return failing_statement(*std::move(refusal));
    if (!statement.iam)
        return statement.text;
    auto text = options_.iam_statement(*statement.iam);
    return text ? *std::move(text) : failing_statement(std::move(text.error()));
}

void Conversation::query(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    pgwire::Reader reader(message.body);
    const auto script = scripts_.find_or_read(reader.text());
    if (!reader.at_end())
        throw pgwire::Malformed("the query goes on after its end");
    statements_.erase("");
    portals_.clear();

    pgwire::FrontendWriter writer;
    if (script->refusal) {
        writer.query(failing_statement(*script->refusal));
        out.add(writer.bytes());
        sync_sent();
        return;
    }
    std::string text;
    bool changed = false;
    for (const auto& statement : script->statements) {
        auto part = text_for(statement, bytes.size(), true);
        changed = changed || statement.rewritten || part != statement.text;
        if (!text.empty())
            text += ';';
        text += part;
        if (statement.copies_in)
            copying_in_ = true;
    }
    const bool alone = script->statements.size() == 1 && !batch_open_;
    if (alone && !changed && is_counted_afterwards(script->statements.front())) {
        writer.parse("", text);
        writer.bind("", {});
        writer.describe_portal();
        writer.execute();
        out.add(writer.bytes());
        begin_barrier(true, out);
        return;
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
    batch_open_ = true;
    Prepared prepared;
    std::optional<std::string> text;
    if (script->refusal) {
        text = failing_statement(*script->refusal);
    } else if (script->statements.size() == 1) {
        const auto& statement = script->statements.front();
        prepared = {statement.kind, statement.rows, is_counted_afterwards(statement),
                    statement.copies_in};
        if (!script->unchanged())
            text = text_for(statement, 0, false);
    } // more statements than one are PostgreSQL's to refuse
    statements_.insert_or_assign(std::string(parse.statement), prepared);
    if (!text) {
        out.pass(bytes);
        return;
    }
    pgwire::FrontendWriter writer;
    writer.parse(parse.statement, *text);
    out.add(writer.bytes());
}

void Conversation::execute(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    pgwire::Reader reader(message.body);
    const auto found = portals_.find(std::string(reader.text()));
    const auto portal = found == portals_.end() ? Portal{} : found->second;
    batch_open_ = true;
    if (auto refusal = rules_.admit(portal.statement.kind, portal.statement.rows, portal.bytes,
                                    options_.clock())) {
        pgwire::FrontendWriter writer;
        writer.parse("", failing_statement(*std::move(refusal)));
        out.add(writer.bytes());
        return;
    }
    out.pass(bytes);
    copying_in_ = copying_in_ || portal.statement.copies_in;
    if (portal.statement.counted_afterwards)
        begin_barrier(false, out);
}

void Conversation::close(const pgwire::Message& message)
{
    const auto named = pgwire::named_body(message.body);
    if (named.kind == 'S')
        statements_.erase(std::string(named.name));
    else
        portals_.erase(std::string(named.name));
    ++closes_in_batch_;
}

/// Counts the rows of COPY's text form: one per line.
void Conversation::copy_data(const pgwire::Message& message, std::string_view bytes, Outgoing& out)
{
    if (!copying_in_) {
        out.pass(bytes); // left over from a COPY that failed; PostgreSQL ignores it, too
        return;
    }
    const auto rows = static_cast<std::uint64_t>(std::ranges::count(message.body, '\n'));
    auto refusal = rules_.admit(StatementKind::dml, rows, message.body.size(), options_.clock());
    if (!refusal) {
        out.pass(bytes);
        return;
    }
    copying_in_ = false;
    options_.refused(*refusal);
    const auto number = next_refusal_++;
    pgwire::FrontendWriter writer;
    writer.copy_fail(std::string(marker) + std::to_string(number));
    refusals_.emplace(number, *std::move(refusal));
    out.add(writer.bytes());
}

void Conversation::begin_barrier(bool simple, Outgoing& out)
{
    barrier_ = Barrier{.syncs_before = open_syncs_,
                       .closes_before = closes_in_batch_,
                       .simple = simple,
                       .completion = std::nullopt};
    pgwire::FrontendWriter writer;
    writer.close_statement("nimbus_barrier");
    writer.flush();
    out.add(writer.bytes());
}

// --- from the server ----------------------------------------------------------------------------

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
        release_completion(header->type, to_client);
        if (header->type == 'D' || header->type == 'd') {
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
    return taken;
}

/// Is the message one that goes through as it came?
bool Conversation::server_message(const pgwire::Message& message, std::string_view bytes,
                                  Outgoing& to_client, Outgoing& to_server)
{
    switch (message.type) {
    case 'E':
        server_error(message, bytes, to_client);
        if (barrier_is_next())
            end_barrier(to_client, to_server);
        return false;
    case 'N':
        server_notice(message, bytes, to_client);
        return false;
    case 'C':
        completion(bytes, to_client);
        return false;
    case 'Z':
        ready(message);
        return true;
    case '1':
    case '2':
    case 'n':
        return !(barrier_is_next() && barrier_->simple);
    case '3':
        if (barrier_ && barrier_->syncs_before == 0) {
            if (barrier_->closes_before > 0) {
                --barrier_->closes_before;
                return true;
            }
            end_barrier(to_client, to_server);
            return false;
        }
        return true;
    default:
        return true;
    }
}

/// What is held back was an earlier statement's of the batch when its answers go on.
void Conversation::release_completion(char next, Outgoing& to_client)
{
    if (!barrier_ || !barrier_->completion || std::string_view("3NSA").contains(next))
        return;
    to_client.add(*barrier_->completion);
    barrier_->completion.reset();
}

bool Conversation::barrier_is_next() const noexcept
{
    return barrier_ && barrier_->syncs_before == 0;
}

void Conversation::server_error(const pgwire::Message& message, std::string_view bytes,
                                Outgoing& to_client)
{
    next_tag_.clear();
    copying_in_ = false;
    auto fields = pgwire::error_fields(message.body);
    ended_ = ended_ || fields.severity == "FATAL" || fields.severity == "PANIC";
    if (const auto number = marked_refusal(fields.message)) {
        if (const auto found = refusals_.find(*number); found != refusals_.end()) {
            to_client.add(error_message(found->second));
            refusals_.erase(found);
            return;
        }
    }
    if (const auto refusal = dsql_error(fields)) {
        to_client.add(error_message(*refusal));
        return;
    }
    if (!fields.where.contains("sys.nimbus_")) {
        to_client.pass(bytes);
        return;
    }
    fields.where.clear();
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
    to_client.pass(bytes);
}

void Conversation::completion(std::string_view bytes, Outgoing& to_client)
{
    if (barrier_is_next()) {
        barrier_->completion = std::string(bytes);
        return;
    }
    if (next_tag_.empty()) {
        to_client.pass(bytes);
        return;
    }
    pgwire::BackendWriter writer;
    writer.command_complete(next_tag_);
    next_tag_.clear();
    to_client.add(writer.bytes());
}

void Conversation::ready(const pgwire::Message& message)
{
    if (open_syncs_ > 0)
        --open_syncs_;
    if (barrier_ && barrier_->syncs_before > 0)
        --barrier_->syncs_before;
    if (open_syncs_ > 0 || batch_open_ || barrier_)
        return;
    refusals_.clear();
    rules_.set_in_block(!message.body.empty() && message.body.front() != 'I');
}

/// The statement was answered, or failed. Too many rows: what it did must not be committed.
void Conversation::end_barrier(Outgoing& to_client, Outgoing& to_server)
{
    const auto barrier = *std::move(barrier_);
    barrier_.reset();
    pgwire::FrontendWriter writer;
    if (barrier.completion) {
        const auto tag =
            pgwire::command_tag(std::string_view(*barrier.completion).substr(pgwire::header_size));
        if (auto refusal = rules_.add_rows(pgwire::affected_rows(tag)))
            writer.parse("", failing_statement(*std::move(refusal)));
        else
            to_client.add(*barrier.completion);
    }
    if (barrier.simple)
        writer.sync();
    if (!writer.bytes().empty())
        to_server.add(writer.bytes());
    if (barrier.simple)
        sync_sent();
}

} // namespace nimbus::local::dsql

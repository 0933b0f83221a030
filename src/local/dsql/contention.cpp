#include "local/dsql/contention.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <sys/eventfd.h>

namespace nimbus::local::dsql {
namespace {

/// For an answer to one of our questions, and for the effect of a cancellation.
constexpr std::chrono::seconds patience{5};

} // namespace

Refusal conflict(Loss loss)
{
    return {.sqlstate = sqlstate::serialization_failure,
            .message = loss == Loss::rows
                           ? "change conflicts with another transaction (OC000)"
                           : "schema has been updated by another transaction (OC001)"};
}

Contention::Member::Member(Contention& contention, std::uint32_t process_id)
    : contention_(contention), process_id_(process_id),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!event_)
        throw_system_error(errno, "making an event");
    const MutexLock lock(contention_.mutex_);
    contention_.sessions_[process_id_] = {.event = event_.get()};
}

Contention::Member::~Member()
{
    const MutexLock lock(contention_.mutex_);
    if (std::exchange(is_in_block_, false))
        --contention_.in_block_;
    settle_locks(BlockEnd::committed); // it may have been
    contention_.sessions_.erase(process_id_);
    contention_.forget_what_nobody_needs();
}

void Contention::Member::settle_locks(BlockEnd end)
{
    if (end == BlockEnd::committed)
        contention_.recent_.confirm_locks(process_id_);
    else
        contention_.recent_.withdraw_locks(process_id_);
}

void Contention::Member::statement_ends(BlockEnd end)
{
    const MutexLock lock(contention_.mutex_);
    settle_locks(end);
    contention_.forget_what_nobody_needs();
}

void Contention::Member::block_begins()
{
    const MutexLock lock(contention_.mutex_);
    auto& session = contention_.sessions_[process_id_];
    session.block = contention_.recent_.begin();
    session.loss.reset();
    if (!std::exchange(is_in_block_, true))
        ++contention_.in_block_;
}

void Contention::Member::block_ends(BlockEnd end)
{
    const MutexLock lock(contention_.mutex_);
    auto& session = contention_.sessions_[process_id_];
    settle_locks(end);
    session.block = 0;
    if (std::exchange(is_in_block_, false))
        --contention_.in_block_;
    contention_.forget_what_nobody_needs();
    session.loss.reset();
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
}

std::optional<Loss> Contention::Member::verdict()
{
    const MutexLock lock(contention_.mutex_);
    eventfd_t count = 0;
    ::eventfd_read(event_.get(), &count);
    return contention_.sessions_[process_id_].loss;
}

bool Contention::Member::was_cancelled()
{
    const MutexLock lock(contention_.mutex_);
    const auto cancelled = std::exchange(contention_.sessions_[process_id_].cancelled, {});
    return cancelled && !cancelled->reached();
}

bool Contention::Member::is_alone()
{
    const MutexLock lock(contention_.mutex_);
    return contention_.sessions_.size() == 1;
}

bool Contention::Member::is_another_in_block()
{
    return contention_.in_block_ > (is_in_block_ ? 1U : 0U);
}

bool Contention::Member::may_share_keys()
{
    return is_another_in_block() && contention_.foreign_keys().any;
}

bool Contention::Member::may_defer_keys()
{
    return contention_.foreign_keys().deferrable;
}

bool Contention::Member::has_news()
{
    const MutexLock lock(contention_.mutex_);
    return !contention_.recent_.is_quiet_since(process_id_,
                                               contention_.sessions_[process_id_].block);
}

RecentCommits::Relations Contention::Member::changed_by_others()
{
    const MutexLock lock(contention_.mutex_);
    return contention_.recent_.changes_since(process_id_, contention_.sessions_[process_id_].block);
}

std::vector<std::string> Contention::Member::locked_by_others()
{
    const MutexLock lock(contention_.mutex_);
    return contention_.recent_.locks_since(process_id_, contention_.sessions_[process_id_].block);
}

void Contention::Member::leave_locks(std::string locks)
{
    const MutexLock lock(contention_.mutex_);
    contention_.recent_.add_locks(process_id_, std::move(locks));
}

void Contention::Member::leave_changes(const RecentCommits::Relations& changed)
{
    const auto names = contention_.names_of(changed);
    const MutexLock lock(contention_.mutex_);
    contention_.recent_.add_changes(process_id_, names);
    ++contention_.schema_;
    contention_.foreign_keys_.reset();
    contention_.forget_what_nobody_needs();
}

bool Contention::Member::has_old_catalog()
{
    if (schema_)
        return *schema_ != contention_.schema_;
    renew_catalog();
    return false;
}

std::set<std::string> Contention::Member::renew_catalog()
{
    const MutexLock lock(contention_.mutex_);
    auto& known = contention_.sessions_[process_id_].catalog;
    std::set<std::string> changed;
    if (known)
        changed = contention_.recent_.changed_names_since(process_id_, *known);
    known = contention_.recent_.begin();
    schema_ = contention_.schema_;
    contention_.forget_what_nobody_needs();
    return changed;
}

std::optional<Contention::Turn> Contention::Member::wait_for_turn()
{
    MutexLock lock(contention_.mutex_);
    const auto& own = contention_.sessions_[process_id_];
    while (contention_.is_turn_taken_ && !own.loss)
        contention_.changed_.wait(lock);
    if (own.loss)
        return std::nullopt;
    contention_.is_turn_taken_ = true;
    return std::optional<Turn>(std::in_place, contention_);
}

Contention::Turn::~Turn()
{
    if (!contention_)
        return;
    const MutexLock lock(contention_->mutex_);
    contention_->is_turn_taken_ = false;
    contention_->changed_.notify_all();
}

void Contention::use(std::filesystem::path socket_path, std::string superuser, std::string database)
{
    const MutexLock lock(connection_mutex_);
    socket_path_ = std::move(socket_path);
    superuser_ = std::move(superuser);
    database_ = std::move(database);
    connection_.reset();
}

void Contention::forget_what_nobody_needs()
{
    auto oldest_block = std::numeric_limits<RecentCommits::Time>::max();
    auto oldest_catalog = oldest_block;
    for (const auto& [process_id, session] : sessions_) {
        if (session.block != 0)
            oldest_block = std::min(oldest_block, session.block);
        oldest_catalog = std::min(oldest_catalog, session.catalog.value_or(oldest_catalog));
    }
    recent_.forget_locks_before(oldest_block);
    recent_.forget_changes_before(std::min(oldest_block, oldest_catalog));
}

Contention::Blocks Contention::blocks()
{
    const MutexLock lock(mutex_);
    Blocks blocks;
    for (const auto& [process_id, session] : sessions_)
        if (session.block != 0)
            blocks[process_id] = session.block;
    return blocks;
}

std::map<RecentCommits::Relation, std::string>
Contention::names_of(const RecentCommits::Relations& changed)
{
    std::map<RecentCommits::Relation, std::string> names;
    std::string list;
    for (const auto relation : changed) {
        names[relation];
        list += (list.empty() ? "" : ", ") + std::to_string(relation);
    }
    const auto answer = ask("SELECT pg_catalog.string_agg(oid || '/' || relname, E'\\x1f') "
                            "FROM pg_catalog.pg_class WHERE oid IN (" +
                            list + ")");
    for (const auto text : split(answer, '\x1f')) {
        const auto end = text.find('/');
        const auto relation = parse_number<RecentCommits::Relation>(text.substr(0, end));
        if (relation && end != std::string_view::npos)
            names[*relation] = text.substr(end + 1);
    }
    return names;
}

/// Where that is unknown, all.
Contention::ForeignKeys Contention::foreign_keys()
{
    std::uint64_t schema = 0;
    {
        const MutexLock lock(mutex_);
        if (foreign_keys_)
            return *foreign_keys_;
        schema = schema_;
    }
    const auto answer =
        ask("SELECT CASE WHEN bool_or(condeferrable) THEN 'deferrable' WHEN count(*) > 0 THEN "
            "'any' ELSE 'none' END FROM pg_constraint WHERE contype = 'f'");
    if (answer.empty())
        return {};
    const ForeignKeys found{.any = answer != "none", .deferrable = answer == "deferrable"};
    const MutexLock lock(mutex_);
    if (schema == schema_)
        foreign_keys_ = found;
    return found;
}

std::string Contention::ask(const std::string& question)
{
    const MutexLock lock(connection_mutex_);
    try {
        const auto deadline = Deadline::after(patience);
        if (!connection_)
            connection_.emplace(socket_path_, superuser_, deadline, database_);
        return connection_->run(question, deadline).value_or("");
    } catch (const std::exception&) {
        // The server stops, or is too busy: who waits asks again.
        connection_.reset();
        return {};
    }
}

void Contention::clear_the_way(std::uint32_t process_id, Loss loss, Haste haste)
{
    // A block that begins after this one was looked for has nothing to do with it.
    const auto before = blocks();
    if (before.empty())
        return;
    const auto list = ask("SELECT pg_catalog.array_to_string(pg_catalog.pg_blocking_pids(" +
                          std::to_string(process_id) + "), ',')");
    for (const auto& text : split(list, ',')) {
        const auto other = parse_number<std::uint32_t>(text);
        const auto known = other ? before.find(*other) : before.end();
        if (known == before.end() || known->first == process_id)
            continue;
        {
            const MutexLock lock(mutex_);
            const auto found = sessions_.find(known->first);
            if (found == sessions_.end() || found->second.block != known->second)
                continue;
            if (!found->second.loss)
                found->second.loss = loss;
            if (haste == Haste::cancel)
                found->second.cancelled = Deadline::after(patience);
            changed_.notify_all();
            ::eventfd_write(found->second.event, 1);
        }
        if (haste != Haste::none)
            ask(std::string("SELECT pg_catalog.") +
                (haste == Haste::cancel ? "pg_cancel_backend(" : "pg_terminate_backend(") +
                std::to_string(known->first) + ')');
    }
}

} // namespace nimbus::local::dsql

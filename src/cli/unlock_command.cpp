#include "base/error.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "deploy/kinds/catalog.h"

#include <fmt/core.h>

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool yes = false, json = false;
};

/// As much of an object as tells a person what it is.
constexpr std::size_t shown_bytes = 600;

std::string excerpt(const std::string& text)
{
    const bool is_cut = text.size() > shown_bytes;
    return text.empty()
               ? "It is empty.\n"
               : "It holds:\n" + readable(text.substr(0, shown_bytes)) + (is_cut ? " …\n" : "\n");
}

std::string standing(const deploy::LockInfo& lock)
{
    if (lock.holder_ended)
        return "its process has ended";
    const auto end = format_iso8601_seconds(lock.ends);
    if (lock.stale)
        return "its lease expired " + end;
    return (lock.revokes.empty() ? "its lease runs until "
                                 : "it was taken away, and may be at work until ") +
           end;
}

std::string describe(const deploy::LockInfo& lock, const deploy::DeploymentId& id)
{
    if (!lock.damage.empty())
        return fmt::format("The lock of {}, {}, cannot be read: {}. {}", text_of(id), lock.location,
                           lock.damage, excerpt(lock.text));
    if (lock.operation.empty())
        return fmt::format("{} is locked by {}; {}.\n", text_of(id), lock.holder, standing(lock));
    return fmt::format("{} is locked for a {} by {} since {}; {}.\n", text_of(id), lock.operation,
                       lock.holder, format_iso8601_seconds(lock.since), standing(lock));
}

json::value document_of(const deploy::LockInfo& lock)
{
    if (!lock.damage.empty())
        return {{"damage", lock.damage}, {"ends", format_iso8601_seconds(lock.ends)}};
    json::object document{{"holder", lock.holder}};
    if (!lock.operation.empty()) {
        document["operation"] = lock.operation;
        document["since"] = format_iso8601_seconds(lock.since);
        document["expires"] = format_iso8601_seconds(lock.expires);
    }
    document["ends"] = format_iso8601_seconds(lock.ends);
    document["stale"] = lock.stale;
    document["holderEnded"] = lock.holder_ended;
    return document;
}

bool may_be_at_work(const deploy::LockInfo& lock)
{
    return !lock.stale && !lock.holder_ended;
}

/// The lock that was found, and what became of it.
struct TakenLock {
    deploy::LockInfo lock;
    deploy::Unlocked outcome;
};

std::optional<TakenLock> take_lock_away(const OpenDeployment& deployment, bool ask,
                                        const Terminal& terminal)
{
    const auto& [target, id] = deployment;
    auto lock = deploy::read_lock(*target, id);
    if (!lock)
        return {};
    std::cerr << readable(describe(*lock, id)) << "\n";
    if (ask)
        confirm({.deed = "the lock of " + text_of(id) + " is removed",
                 .question = may_be_at_work(*lock)
                                 ? "Its holder may still be at work. Take the lock away, so that "
                                   "it stops before its next change?"
                                 : "Remove it?",
                 .refusal = "Nothing was changed"},
                terminal);
    const auto outcome = deploy::unlock(*target, id, *lock);
    return TakenLock{.lock = std::move(*lock), .outcome = outcome};
}

/// Where a damaged state was moved to, if there was one.
std::optional<std::string> set_state_aside(const OpenDeployment& deployment, bool ask,
                                           const Terminal& terminal)
{
    const auto& [target, id] = deployment;
    const auto damage = deploy::damaged_state(deploy::all_kinds(), *target, id);
    if (!damage)
        return {};
    std::cerr << readable(damage->what) << ". " << excerpt(damage->text);
    if (ask)
        confirm({.deed = "the damaged state of " + text_of(id) + " is set aside",
                 .question = "If the bucket keeps versions, restoring the last good one is better. "
                             "Set the damaged state aside, so that the next deploy begins without "
                             "a state?",
                 .refusal = "Nothing was changed"},
                terminal);
    return deploy::set_state_aside(deploy::all_kinds(), *target, id, *damage);
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto& id = deployment.id;
    progress.pause();
    const auto taken = take_lock_away(deployment, !options.yes, terminal);
    const bool is_revoked = taken && taken->outcome == deploy::Unlocked::revoked;
    const auto aside = set_state_aside(deployment, !options.yes, terminal);
    if (options.json) {
        print_json({{"project", id.project},
                    {"stage", id.stage},
                    {"region", id.region},
                    {"removed", taken && !is_revoked},
                    {"revoked", is_revoked},
                    {"lock", taken ? document_of(taken->lock) : nullptr},
                    {"damagedState", aside ? json::value(*aside) : nullptr}});
        return done;
    }
    if (taken && !is_revoked)
        std::cout << "The lock is removed.\n";
    if (is_revoked)
        std::cout << "The lock is taken away. Its holder stops before its next change; the next "
                     "deploy waits for that, until "
                  << format_iso8601_seconds(taken->lock.ends) << " at most.\n";
    if (aside)
        std::cout << "The damaged state is now " << *aside << ".\n";
    if (!taken && !aside)
        std::cout << text_of(id) << " is not locked.\n";
    return done;
}

} // namespace

void add_unlock(const Command& root)
{
    add_command<Options>(
        root, "unlock", "Remove a lock that was left behind, or a damaged state",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus unlock", "shows the lock, then asks"}});
        },
        run);
}

} // namespace nimbus::cli

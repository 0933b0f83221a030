#include "base/error.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "deploy/kinds/catalog.h"

#include <fmt/format.h>

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

std::string_view standing(const deploy::LockInfo& lock)
{
    if (lock.holder_ended)
        return "its process has ended";
    return lock.stale ? "its lease expired" : "its lease runs until";
}

std::string describe(const deploy::LockInfo& lock, const deploy::DeploymentId& id)
{
    if (!lock.damage.empty())
        return fmt::format("The lock of {}, {}, cannot be read: {}. {}", text_of(id), lock.location,
                           lock.damage, excerpt(lock.text));
    return fmt::format("{} is locked for a {} by {} since {}; {}{}.\n", text_of(id), lock.operation,
                       lock.holder, format_iso8601_seconds(lock.since), standing(lock),
                       lock.holder_ended ? "" : " " + format_iso8601_seconds(lock.expires));
}

json::value document_of(const std::optional<deploy::LockInfo>& lock)
{
    if (!lock)
        return nullptr;
    if (!lock->damage.empty())
        return {{"damage", lock->damage}};
    return {{"holder", lock->holder},
            {"operation", lock->operation},
            {"since", format_iso8601_seconds(lock->since)},
            {"expires", format_iso8601_seconds(lock->expires)},
            {"stale", lock->stale},
            {"holderEnded", lock->holder_ended}};
}

bool may_be_at_work(const deploy::LockInfo& lock)
{
    return lock.damage.empty() && !lock.stale && !lock.holder_ended;
}

/// The lock that was removed, if there was one.
std::optional<deploy::LockInfo> remove_lock(const OpenDeployment& deployment, bool ask,
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
                                 ? "Its holder may still be at work, and two deploys at once can "
                                   "break each other. Remove it anyway?"
                                 : "Remove it?",
                 .refusal = "Nothing was changed"},
                terminal);
    deploy::remove_lock(*target, id, *lock);
    return lock;
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
    const auto lock = remove_lock(deployment, !options.yes, terminal);
    const auto aside = set_state_aside(deployment, !options.yes, terminal);
    if (options.json) {
        print_json({{"project", id.project},
                    {"stage", id.stage},
                    {"region", id.region},
                    {"removed", lock.has_value()},
                    {"lock", document_of(lock)},
                    {"damagedState", aside ? json::value(*aside) : nullptr}});
        return done;
    }
    if (lock)
        std::cout << "The lock is removed.\n";
    if (aside)
        std::cout << "The damaged state is now " << *aside << ".\n";
    if (!lock && !aside)
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

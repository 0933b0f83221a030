#include "base/error.h"
#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/outputs.h"

#include <fmt/format.h>

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool yes = false, json = false;
};

std::string describe(const deploy::LockInfo& lock, const deploy::DeploymentId& id)
{
    return fmt::format("{} (stage {}, {}) is locked for a {} by {} since {}; its lease {} {}.\n",
                       id.project, id.stage, id.region, lock.operation, lock.holder,
                       format_iso8601_seconds(lock.since), lock.stale ? "expired" : "runs until",
                       format_iso8601_seconds(lock.expires));
}

json::object document_of(const std::optional<deploy::LockInfo>& lock,
                         const deploy::DeploymentId& id, bool removed)
{
    json::value state = nullptr;
    if (lock)
        state = {{"holder", lock->holder},
                 {"operation", lock->operation},
                 {"since", format_iso8601_seconds(lock->since)},
                 {"expires", format_iso8601_seconds(lock->expires)},
                 {"stale", lock->stale}};
    return {{"project", id.project},
            {"stage", id.stage},
            {"region", id.region},
            {"removed", removed},
            {"lock", std::move(state)}};
}

void confirm(const deploy::LockInfo& lock, const Terminal& terminal)
{
    if (!terminal.has_person())
        throw UsageError("Nobody is here to confirm that the lock is removed", "Add --yes.");
    const std::string question =
        lock.stale ? "Remove it?"
                   : "Its holder may still be at work, and two deploys at once can break each "
                     "other. Remove it anyway?";
    if (!terminal.confirm(question))
        throw Error("The lock was not removed");
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto [target, id] = open_deployment(options.deployment, progress);
    progress.pause();
    const auto lock = deploy::read_lock(*target, id);
    if (lock) {
        std::cerr << describe(*lock, id);
        if (!options.yes)
            confirm(*lock, terminal);
        deploy::remove_lock(*target, id, *lock);
    }
    if (options.json)
        print_json(document_of(lock, id, lock.has_value()));
    else if (lock)
        std::cout << "The lock is removed.\n";
    else
        std::cout << fmt::format("{} (stage {}, {}) is not locked.\n", id.project, id.stage,
                                 id.region);
    return done;
}

} // namespace

void add_unlock(const Command& root)
{
    add_command<Options>(
        root, "unlock", "Remove the lock that an interrupted deploy left",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus unlock", "shows the lock, then asks"}});
        },
        run);
}

} // namespace nimbus::cli

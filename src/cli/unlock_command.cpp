#include "base/error.h"
#include "cli/command.h"
#include "cli/deployment.h"

#include <fmt/format.h>

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    bool yes = false;
};

std::string describe(const deploy::LockInfo& lock, const deploy::DeploymentId& id)
{
    return fmt::format("{} (stage {}, {}) is locked for a {} by {} since {}; its lease {} {}.\n",
                       id.project, id.stage, id.region, lock.operation, lock.holder,
                       format_iso8601_seconds(lock.since), lock.stale ? "ran out" : "runs until",
                       format_iso8601_seconds(lock.expires));
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto [connection, id] = open_deployment(options.deployment, progress);
    progress.pause();
    const auto lock = deploy::read_lock(connection.target(), id);
    if (!lock) {
        std::cout << fmt::format("{} (stage {}, {}) is not locked.\n", id.project, id.stage,
                                 id.region);
        return done;
    }
    std::cout << describe(*lock, id) << std::flush;
    if (!options.yes) {
        if (!terminal.has_person())
            throw UsageError("Nobody is here to confirm that the lock is removed", "Add --yes.");
        const std::string question =
            lock->stale ? "Remove it?"
                        : "Its holder may still be at work, and two deploys at once can break each "
                          "other. Remove it all the same?";
        if (!terminal.confirm(question))
            throw Error("The lock stays");
    }
    deploy::remove_lock(connection.target(), id, *lock);
    std::cout << "The lock is removed.\n";
    return done;
}

} // namespace

void add_unlock(const Command& root)
{
    add_command<Options>(
        root, "unlock", "Remove the lock of a deploy that did not end by itself",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("-y,--yes", options.yes, "Ask nothing");
        },
        run);
}

} // namespace nimbus::cli

#include "base/error.h"
#include "cli/cluster_copies.h"
#include "cli/command.h"
#include "cli/interrupts.h"
#include "cli/local_process.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/target.h"
#include "local/home_backup.h"
#include "local/home_restore.h"

#include <fmt/core.h>

#include <filesystem>
#include <iostream>

/// nimbus local backup | restore: all that a local cloud keeps, in one file.
namespace nimbus::cli {
namespace {

/// For the data of one cluster, at whatever the disk makes of it.
constexpr std::chrono::hours copy_timeout{1};

struct BackupOptions {
    std::string file;
    bool json = false;
};

struct RestoreOptions {
    std::string file;
    bool replace = false, json = false;
};

std::function<void(const std::string&)> shown_by(Progress& progress)
{
    return [&progress](const std::string& sentence) { progress.phase(sentence); };
}

/// What was written so far is taken away before the command ends.
local::Interruption take_interruption()
{
    const int descriptor = interrupt_descriptor();
    take_interrupts();
    return {.asked = interrupted, .descriptor = descriptor};
}

/// While a cloud runs, it copies the data of its databases itself.
local::BackupSteps steps_of(const std::optional<RunningCloud>& running, Progress& progress)
{
    local::BackupSteps steps{.phase = shown_by(progress), .interruption = take_interruption()};
    if (running)
        steps.copy_cluster = [settings = running->settings](const std::string& id,
                                                            const std::string& region,
                                                            const std::filesystem::path& target) {
            make_local_client(settings, region, copy_timeout)
                ->call(BackUpCluster{.cluster = id, .directory = target.string()});
        };
    return steps;
}

json::object to_json(const local::BackupSummary& backup, const std::string& file)
{
    return {{"file", file},          {"accountId", backup.account_id},
            {"made", backup.made},   {"files", backup.files},
            {"bytes", backup.bytes}, {"clusters", backup.clusters}};
}

std::string contents_of(const local::BackupSummary& backup)
{
    return fmt::format("{} files, {:.1f} MB, {} database cluster{}", backup.files,
                       static_cast<double>(backup.bytes) / 1e6, backup.clusters,
                       backup.clusters == 1 ? "" : "s");
}

int back_up(const BackupOptions& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto home = local::Home::from_environment();
    if (!std::filesystem::exists(home.root()))
        throw Error("There is no local cloud in " + home.root().string(),
                    "Set NIMBUS_HOME to the home of one.");
    const auto running = find_running(home);
    const auto lock = running ? UniqueFd() : home.try_lock();
    if (!running && !lock)
        throw Error("The local cloud is just starting", "Run the backup again.");
    const auto file = std::filesystem::absolute(options.file);
    const auto backup = local::back_up_home(home, file, steps_of(running, progress));
    progress.pause();
    if (options.json)
        print_json(to_json(backup, file.string()));
    else
        std::cout << file.string() << " holds the local cloud of " << home.root().string() << ": "
                  << contents_of(backup)
                  << ".\nIt has the administrator's key and all secrets: keep it to yourself.\n";
    return done;
}

int restore(const RestoreOptions& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto home = local::Home::from_environment();
    const auto file = std::filesystem::absolute(options.file);
    const auto restored = local::restore_home(home, file,
                                              {.replace = options.replace,
                                               .phase = shown_by(progress),
                                               .interruption = take_interruption()});
    progress.pause();
    for (const auto& damage : restored.damage)
        progress.note("Warning: " + damage.what + ". " + damage.way_out);
    if (options.json) {
        auto document = to_json(restored.backup, file.string());
        document["replaced"] = restored.replaced.empty() ? json::value(nullptr)
                                                         : json::value(restored.replaced.string());
        print_json(document);
        return done;
    }
    std::cout << restored.home.string() << " is the local cloud of " << restored.backup.made << ": "
              << contents_of(restored.backup) << ".\n";
    if (!restored.replaced.empty())
        std::cout << "What was there is in " << restored.replaced.string() << ".\n";
    std::cout << "'nimbus local start' starts it.\n";
    return done;
}

} // namespace

void add_local_backup(const Command& local)
{
    add_command<BackupOptions>(
        local, "backup", "Write all that it keeps to a file, while it runs or not",
        [](const Command& command, BackupOptions& options) {
            command.positional("FILE", options.file, "The file, which is not there yet");
            command.required("FILE");
            command.takes_file("FILE");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus local backup cloud.tar.gz", "it has all secrets"}});
        },
        back_up);
    add_command<RestoreOptions>(
        local, "restore", "Make it what a backup holds",
        [](const Command& command, RestoreOptions& options) {
            command.positional("FILE", options.file, "Made by 'nimbus local backup'");
            command.required("FILE");
            command.takes_file("FILE");
            command.flag("--replace", options.replace,
                         "Move aside what the home holds; otherwise it must be empty");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples(
                {{"nimbus local restore cloud.tar.gz", "into an empty home"},
                 {"nimbus local restore --replace cloud.tar.gz", "says where the old home is"}});
        },
        restore);
}

} // namespace nimbus::cli

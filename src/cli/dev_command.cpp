#include "base/error.h"
#include "base/file_watcher.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/deployment.h"
#include "cli/dev_report.h"
#include "cli/interrupts.h"
#include "cli/log_watch.h"
#include "cli/plan_text.h"
#include "deploy/kinds/catalog.h"
#include "local/home.h"

#include <array>
#include <cerrno>
#include <iostream>
#include <poll.h>

/// `nimbus dev`: what is saved answers a moment later, in the local cloud.
namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// Editors and formatters write several times: so long nothing has to happen before a build begins,
constexpr auto quiet_time = 10ms;
/// or so long a file has to be left open,
constexpr auto open_time = 250ms;
/// but no longer than that after the first change.
constexpr auto longest_wait = 2s;

struct Options {
    ApplicationOptions application;
    bool json = false, yes = false;
};

/// The local cloud, stopped at the end if it had to be started.
class DevCloud {
public:
    explicit DevCloud(Progress& progress) : home_(local::Home::from_environment())
    {
        if (!find_running(home_))
            progress.phase("Starting the local cloud");
        was_running_ = start_local_cloud(home_).was_running;
    }
    ~DevCloud()
    {
        try {
            if (!was_running_)
                stop_local_cloud(home_);
        } catch (const Error& error) {
            std::cerr << error.what() << "\n";
        }
    }
    DevCloud(const DevCloud&) = delete;
    DevCloud& operator=(const DevCloud&) = delete;

    std::filesystem::path log_file() const { return home_.log_file(); }

private:
    local::Home home_;
    bool was_running_ = true;
};

/// Asks before data is lost, as `deploy` does. Without an answer nothing is changed, and the loop
/// goes on.
bool may_lose(const deploy::PlanSummary& plan, const Options& options, const Terminal& terminal,
              Progress& progress)
{
    if (options.yes || !plan.loses_data())
        return true;
    progress.pause();
    std::cerr << describe(plan);
    return terminal.has_person() && terminal.confirm("This deletes data. Continue?");
}

/// One application, from its files to what answers.
class Development {
public:
    Development(const Options& options, std::filesystem::path directory, const Terminal& terminal,
                Progress& progress, DevReport& report, const DevCloud& cloud)
        : options_(options), directory_(std::move(directory)), terminal_(terminal),
          progress_(progress), report_(report), cloud_(cloud)
    {
    }

    /// Builds it and deploys what is new of it. Failures are reported: what was there before goes
    /// on answering.
    void bring()
    {
        const auto began = SteadyClock::now();
        began_ = std::filesystem::file_time_type::clock::now();
        try {
            const auto application =
                load_for_development(options_.application, progress_,
                                     [&](std::string_view text) { report_.tool_output(text); });
            inputs_ = application.inputs;
            is_built_ = true;
            if (!is_answering_)
                for (const auto& warning : architecture_warnings(application))
                    report_.note(warning);
            deploy(application, began);
        } catch (const Error& error) {
            is_built_ = false;
            if (!interrupted())
                report_.failed(error, is_answering_);
        }
    }

    /// From now on what has to change before another build can give anything else. Returns what
    /// was changed already while the last build read it.
    std::set<std::filesystem::path> watch(FileWatcher& watcher) const
    {
        std::set<std::filesystem::path> files, directories;
        std::error_code ignored;
        for (const auto& input : inputs_)
            (std::filesystem::is_directory(input, ignored) ? directories : files).insert(input);
        if (!is_built_)
            add_project(files, directories);
        watcher.watch(files, std::move(directories));
        std::erase_if(files, [&](const std::filesystem::path& file) {
            std::error_code failure;
            return std::filesystem::last_write_time(file, failure) < began_ - file_time_step;
        });
        return files;
    }

private:
    static constexpr std::size_t most_files = 5'000;
    /// Linux gives files the time of its last tick; what began the build was `quiet_time` ago.
    static constexpr auto file_time_step = 5ms;

    /// After a failure nobody knows what was read: what lies in the project, as far as it may be
    /// the author's.
    void add_project(std::set<std::filesystem::path>& files,
                     std::set<std::filesystem::path>& directories) const
    {
        directories.insert(directory_);
        std::error_code failure;
        std::filesystem::recursive_directory_iterator entries(
            directory_, std::filesystem::directory_options::skip_permission_denied, failure);
        for (; !failure && entries != std::filesystem::end(entries); entries.increment(failure)) {
            const auto name = entries->path().filename().native();
            const bool is_directory = entries->is_directory(failure) && !entries->is_symlink();
            const bool is_skipped =
                name.starts_with('.') || name == "node_modules" || name.starts_with("build");
            if (is_directory && is_skipped)
                entries.disable_recursion_pending();
            else if (!name.starts_with('.'))
                (is_directory ? directories : files).insert(entries->path());
            if (files.size() + directories.size() > most_files)
                return;
        }
    }

    const deploy::Target& target(const std::string& region)
    {
        if (!target_ || (*target_)->region != region)
            target_.emplace(OpenTarget::open({}, region, &progress_));
        return **target_;
    }

    void deploy(const frontends::BuiltApplication& application, SteadyClock::time_point began)
    {
        LogWatch log(cloud_.log_file());
        try {
            const auto& to = target(application.manifest.region);
            const auto result = deploy::deploy(
                deploy::all_kinds(), to, application.manifest, artifacts_of(application),
                engine_options(progress_, to), [&](const deploy::PlanSummary& plan) {
                    return may_lose(plan, options_, terminal_, progress_);
                });
            if (!result)
                throw Error("Nothing was deployed, for data would have been deleted",
                            "'nimbus deploy' does it, or 'nimbus dev --yes'.");
            const auto& changes = result->changes;
            const auto seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
            if (is_answering_ && changes.created + changes.updated + changes.deleted == 0)
                report_.unchanged(seconds);
            else
                report_.deployed(*result, to.name, seconds, !is_answering_);
            is_answering_ = true;
        } catch (const Error& error) {
            std::string message = error.what();
            for (const auto& line : log.lines())
                message += "\n  The local cloud: " + line;
            throw Error(message, error.hint());
        }
    }

    const Options& options_;
    std::filesystem::path directory_; ///< the project's
    const Terminal& terminal_;
    Progress& progress_;
    DevReport& report_;
    const DevCloud& cloud_;
    std::optional<OpenTarget> target_;
    std::set<std::filesystem::path> inputs_;
    std::filesystem::file_time_type began_; ///< the last build
    bool is_built_ = false;     ///< the last build ended well, so that `inputs_` are all
    bool is_answering_ = false; ///< something was deployed
};

/// Until one of the files changed, beside those that did already, and no more follows at once.
/// Nothing after an interrupt.
std::set<std::filesystem::path> wait_for_changes(FileWatcher& watcher,
                                                 std::set<std::filesystem::path> all)
{
    auto latest = SteadyClock::time_point::max();
    while (!interrupted()) {
        std::array<pollfd, 2> sources{
            pollfd{.fd = watcher.descriptor(), .events = POLLIN, .revents = 0},
            pollfd{.fd = interrupt_descriptor(), .events = POLLIN, .revents = 0}};
        const std::chrono::milliseconds patience =
            watcher.is_being_written() ? std::chrono::milliseconds(open_time) : quiet_time;
        const auto ready = ::poll(sources.data(), sources.size(),
                                  all.empty() ? -1 : static_cast<int>(patience.count()));
        if (ready < 0 && errno != EINTR)
            throw_system_error(errno, "Cannot wait for changes");
        if (!all.empty() && (ready == 0 || SteadyClock::now() > latest))
            return all;
        if (sources[0].revents != 0)
            all.merge(watcher.changes());
        if (!all.empty() && latest == SteadyClock::time_point::max())
            latest = SteadyClock::now() + longest_wait;
    }
    return {};
}

int run(const Options& options, const Terminal& terminal)
{
    const auto& file = options.application.file;
    const auto directory =
        frontends::application_file(file.empty() ? std::filesystem::current_path()
                                                 : std::filesystem::path(file))
            .parent_path();
    interrupt_descriptor();
    take_interrupts_silently();
    Progress progress(terminal);
    DevReport report(options.json ? DevReport::Form::json : DevReport::Form::text, terminal,
                     progress);
    FileWatcher watcher;
    std::optional<DevCloud> cloud;
    cloud.emplace(progress);
    Development development(options, directory, terminal, progress, report, *cloud);
    for (bool is_first = true; !interrupted(); is_first = false) {
        development.bring();
        take_interrupts_silently();
        auto files = development.watch(watcher);
        if (is_first && !interrupted()) {
            if (!watcher.trouble().empty())
                report.note(watcher.trouble());
            report.watching();
        }
        files = wait_for_changes(watcher, std::move(files));
        if (!files.empty())
            report.changed(files, directory);
    }
    cloud.reset();
    report.ended();
    return done;
}

} // namespace

void add_dev(const Command& root)
{
    add_command<Options>(
        root, "dev", "Deploy to the local cloud, and again whenever a file is saved",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            command.flag("--json", options.json, "Print one JSON object for each event");
            command.flag("-y,--yes", options.yes, "Ask nothing before data is deleted");
            command.examples({{"nimbus dev", "the application in this directory"},
                              {"nimbus dev shop.cpp --stage try", "another file and stage"}});
        },
        run);
}

} // namespace nimbus::cli

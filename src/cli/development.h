#pragma once

#include "base/file_watcher.h"
#include "cli/deployment.h"
#include "cli/dev_report.h"
#include "cli/dotenv.h"
#include "deploy/known_resources.h"
#include "frontends/kept_tools.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <vector>

namespace nimbus::cli {

/// An application that is being written, from its files to what answers in the local cloud.
class Development {
public:
    struct Options {
        ApplicationOptions application;
        bool yes = false; ///< data may be deleted without asking
        /// Of Node's inspector; unset: programs are not debugged by it.
        std::optional<std::uint16_t> inspector_port{};
        std::filesystem::path file;     ///< the application's, absolute
        std::filesystem::path log_file; ///< the local cloud's
    };

    /// The others outlive it.
    Development(Options options, const Terminal& terminal, Progress& progress, DevReport& report)
        : options_(std::move(options)), terminal_(terminal), progress_(progress), report_(report)
    {
    }

    /// Builds it and deploys what is new of it. Failures are reported: what was there before goes
    /// on answering.
    void bring();

    /// What answers; nothing before the first deploy.
    const std::optional<deploy::Outputs>& outputs() const noexcept { return outputs_; }
    /// Where it answers, once there are outputs.
    const deploy::Target& target() const { return **target_; }

    /// Has the next deploy read everything, not only what is declared otherwise than before.
    void look_at_everything() { known_.forget(); }

    /// Starts what the next build needs, while nobody waits for it.
    void get_ready() { kept_.get_ready(); }

    /// From now on `watcher` watches what has to change before another build can give anything
    /// else. Returns what was changed or deleted already since the last build read it.
    std::set<std::filesystem::path> watch(FileWatcher& watcher) const;

private:
    using Clock = std::chrono::steady_clock;

    std::filesystem::path directory() const { return options_.file.parent_path(); }
    std::filesystem::path dotenv_file() const { return directory() / ".env"; }
    void take_dotenv();
    void apply_entries();
    void add_project(std::set<std::filesystem::path>& files,
                     std::set<std::filesystem::path>& directories) const;
    void build_and_deploy(Clock::time_point began);
    bool is_overtaken();
    void note_present();
    bool changed_since_began(const std::filesystem::path& file) const;
    void deploy(const frontends::BuiltApplication& application, Clock::time_point began);
    deploy::DeployResult deploy_to(const deploy::Target& target,
                                   const frontends::BuiltApplication& application);
    void inspect(const deploy::Target& target);
    const deploy::Target& open_target(const std::string& region);
    bool may_lose(const deploy::PlanSummary& plan);
    void fail(const Error& error);

    Options options_;
    const Terminal& terminal_;
    Progress& progress_;
    DevReport& report_;
    frontends::KeptTools kept_;
    deploy::KnownResources known_;
    std::optional<OpenTarget> target_;
    std::optional<deploy::Outputs> outputs_;
    std::vector<DotenvEntry> dotenv_;         ///< as the file was when it last had no mistake
    std::vector<std::string> told_of_dotenv_; ///< what a person knows already
    std::set<std::filesystem::path> inputs_;
    std::set<std::filesystem::path> present_; ///< what was there when it was read
    std::filesystem::file_time_type began_;   ///< the last build
    int overtaken_ = 0;                       ///< builds in a row that were, by another save
    bool is_built_ = false; ///< the last build ended well, so that `inputs_` are all
};

} // namespace nimbus::cli

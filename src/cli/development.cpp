#include "cli/development.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/debugging.h"
#include "cli/dotenv_secrets.h"
#include "cli/dotenv_variables.h"
#include "cli/interrupts.h"
#include "cli/log_text.h"
#include "cli/log_watch.h"
#include "cli/migration_trial.h"
#include "cli/plan_text.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/current_outputs.h"

#include <algorithm>
#include <iostream>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_files = 5'000;
/// Linux gives files the time of its last tick.
constexpr auto file_time_step = 5ms;
/// So many builds in a row may be left alone because a source was saved meanwhile: a program that
/// writes one all the time does not keep everything back.
constexpr int most_overtaken = 10;

} // namespace

void Development::bring()
{
    began_ = std::filesystem::file_time_type::clock::now();
    is_built_ = false;
    present_.clear(); // a file that stays away is not deleted again with each build that fails
    try {
        build_and_deploy(Clock::now());
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& error) { // of the file system, say
        fail(Error(error.what()));
    }
}

void Development::fail(const Error& error)
{
    if (!interrupted())
        report_.failed(error, outputs_.has_value());
}

void Development::build_and_deploy(Clock::time_point began)
{
    auto application =
        load_for_development(options_.application, kept_, progress_,
                             [&](std::string_view text) { report_.tool_output(text); });
    inputs_ = application.inputs;
    note_present();
    is_built_ = true;
    if (is_overtaken())
        return;
    if (options_.inspector_port && !application.manifest.runtime.starts_with("nodejs"))
        throw Error("--inspect is for Node.js, and the program runs as " +
                        application.manifest.runtime,
                    "Run 'nimbus dev' without it, and 'nimbus debug' in another terminal.");
    if (!outputs_)
        for (const auto& warning : architecture_warnings(application))
            report_.note(warning);
    take_dotenv();
    auto without_effect = add_variables(application.manifest, dotenv_);
    if (without_effect != told_of_dotenv_)
        for (const auto& sentence : without_effect)
            report_.note(sentence);
    told_of_dotenv_ = std::move(without_effect);
    deploy(application, began);
}

/// Was a source saved while it was built? Half of it may have been read, and the next build is
/// under way at once.
bool Development::is_overtaken()
{
    const bool is_changed = std::ranges::any_of(inputs_, [&](const std::filesystem::path& input) {
        std::error_code ignored;
        return std::filesystem::is_regular_file(input, ignored) && changed_since_began(input);
    });
    overtaken_ = is_changed ? overtaken_ + 1 : 0;
    return is_changed && overtaken_ <= most_overtaken;
}

void Development::note_present()
{
    present_ = inputs_;
    present_.insert(dotenv_file());
    std::erase_if(present_, [](const std::filesystem::path& path) {
        std::error_code failure;
        return !std::filesystem::exists(path, failure);
    });
}

/// As far as file times tell.
bool Development::changed_since_began(const std::filesystem::path& file) const
{
    std::error_code failure;
    return std::filesystem::last_write_time(file, failure) >= began_ - file_time_step;
}

void Development::deploy(const frontends::BuiltApplication& application, Clock::time_point began)
{
    const auto& target = open_target(application.manifest.region);
    auto result = deploy_to(target, application);
    result.outputs = deploy::current_outputs(std::move(result.outputs), target);
    const auto seconds = std::chrono::duration<double>(Clock::now() - began).count();
    const auto& changes = result.changes;
    const bool is_first = !outputs_;
    outputs_ = result.outputs;
    if (options_.inspector_port)
        inspect(target);
    if (!is_first && changes.created + changes.updated + changes.deleted == 0)
        report_.unchanged(seconds);
    else
        report_.deployed(result, target.name, seconds, is_first);
    apply_entries();
}

/// Mistakes in it stop nothing: the program answers, with the values from before.
void Development::take_dotenv()
{
    try {
        dotenv_ = read_dotenv(dotenv_file());
    } catch (const Error& error) {
        report_.note(sentences_of(error));
    }
}

void Development::apply_entries()
{
    try {
        const auto changed = apply_dotenv(target().client, *outputs_, dotenv_);
        if (!changed.empty())
            report_.note("Set from .env: " + join(changed, ", "));
    } catch (const Error& error) {
        report_.note(sentences_of(error));
    }
}

deploy::DeployResult Development::deploy_to(const deploy::Target& target,
                                            const frontends::BuiltApplication& application)
{
    LogWatch log(options_.log_file);
    try {
        const auto result = deploy::deploy(
            deploy::all_kinds(), target, application.manifest, artifacts_of(application),
            engine_options(progress_, target), known_, [&](const deploy::PlanSummary& plan) {
                try_before_deploying(plan, application, target, progress_);
                return may_lose(plan);
            });
        if (result)
            return *result;
    } catch (const Error& error) {
        std::string message = error.what();
        for (const auto& line : log.lines())
            message += "\n  The local cloud: " + line;
        throw Error(message, error.hint());
    }
    throw Error("Nothing was deployed, for data would have been deleted",
                "Declare it again, or run 'nimbus deploy' or 'nimbus dev --yes'.");
}

/// Functions that are new are debugged, too.
void Development::inspect(const deploy::Target& target)
{
    target.client.call(PutDebugging{
        .functions = outputs_->of<deploy::function::FunctionOutput>(deploy::function::kind_name),
        .inspector_port = options_.inspector_port});
}

const deploy::Target& Development::open_target(const std::string& region)
{
    if (target_ && (*target_)->region != region)
        look_at_everything();
    if (!target_ || (*target_)->region != region)
        target_.emplace(OpenTarget::open({}, region, &progress_));
    return **target_;
}

/// Asks before data is lost, as `deploy` does. Without an answer nothing is changed.
bool Development::may_lose(const deploy::PlanSummary& plan)
{
    if (options_.yes || !plan.loses_data())
        return true;
    progress_.pause();
    if (!terminal_.has_person())
        return false;
    std::cerr << without_controls(describe(plan));
    return terminal_.confirm("This deletes data. Continue?");
}

std::set<std::filesystem::path> Development::watch(FileWatcher& watcher) const
{
    std::set<std::filesystem::path> files{options_.file, dotenv_file()}, directories;
    std::error_code ignored;
    for (const auto& input : inputs_)
        (std::filesystem::is_directory(input, ignored) ? directories : files).insert(input);
    if (!is_built_)
        add_project(files, directories);
    watcher.watch(files, std::move(directories));
    std::erase_if(files, [&](const auto& file) {
        const bool is_gone = present_.contains(file) && !std::filesystem::exists(file, ignored);
        return !is_gone && !changed_since_began(file);
    });
    return files;
}

/// After a failure nobody knows what was read: what lies in the project, as far as it may be the
/// author's.
void Development::add_project(std::set<std::filesystem::path>& files,
                              std::set<std::filesystem::path>& directories) const
{
    directories.insert(directory());
    std::error_code failure;
    std::filesystem::recursive_directory_iterator entries(
        directory(), std::filesystem::directory_options::skip_permission_denied, failure);
    for (; !failure && entries != std::filesystem::end(entries); entries.increment(failure)) {
        const auto name = entries->path().filename().native();
        std::error_code gone;
        const bool is_directory = entries->is_directory(gone) && !entries->is_symlink(gone);
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

} // namespace nimbus::cli

#include "cli/deployment.h"

#include "base/architecture.h"
#include "base/error.h"
#include "base/number.h"
#include "cli/interrupts.h"
#include "cli/remembered.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/current_outputs.h"
#include "local/home.h"
#include "manifest/grammar.h"
#include "manifest/parse.h"

#include <array>
#include <cstdlib>
#include <iostream>
#include <pwd.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr const char* default_stage = "dev";

bool has_application(const std::filesystem::path& directory)
{
    try {
        frontends::find_application(directory);
        return true;
    } catch (const UsageError&) {
        return false;
    }
}

std::string default_region(const TargetSettings& settings)
{
    return settings.region.empty() ? local::HomeSettings{}.region : settings.region;
}

deploy::DeploymentId id_of(const manifest::Manifest& manifest)
{
    return {.project = manifest.project, .stage = manifest.stage, .region = manifest.region};
}

deploy::DeploymentId only_deployment(const deploy::Target& target, const std::string& stage)
{
    const auto only =
        only_match(deploy::list_deployments(target), {.project = {}, .stage = stage, .region = {}});
    if (!only)
        throw Error("Nothing is deployed, and there is no application in this directory",
                    "Run 'nimbus deploy' in the directory of an application.");
    return *only;
}

/// Where the project's stage is deployed. The target's Region when that is nowhere, or who asks may
/// not list the bucket: secrets need none.
std::string region_of(const OpenTarget& target, const deploy::DeploymentId& wanted)
{
    std::vector<deploy::DeploymentId> all;
    try {
        all = deploy::list_deployments(*target);
    } catch (const Error&) {
        return target->region;
    }
    const auto only = only_match(all, wanted);
    return only ? only->region : target->region;
}

std::string user_name()
{
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
        return found->pw_name;
    return std::to_string(::getuid());
}

/// On AWS most of them wait: for a quota, or until a function is ready.
constexpr int steps_at_a_time = 256;
constexpr int steps_at_a_time_locally = 8;

std::string holder()
{
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return user_name() + "@" + host.data() + " (process " + std::to_string(::getpid()) + ")";
}

} // namespace

void declare_file(const Command& command, ApplicationOptions& options)
{
    command.positional_or_option(
        "FILE", "--file", options.file,
        "A CMakeLists.txt, a source file or a built program (default: this directory's "
        "CMakeLists.txt, main.cpp, index.ts or index.js, the first there is)");
    command.takes_file("FILE");
}

void declare_application(const Command& command, ApplicationOptions& options)
{
    declare_file(command, options);
    command.option("--stage", options.stage, "STAGE",
                   "The stage to deploy, in place of the program's");
}

void declare_preview(const Command& command, ApplicationOptions& options)
{
    command.flag("--preview", options.preview,
                 "A preview, with data of its own in what the program shares with other stages");
}

namespace {

frontends::BuiltApplication load_with(frontends::LoadOptions how, const ApplicationOptions& options,
                                      Progress& progress)
{
    if (options.preview && options.stage.empty())
        throw UsageError("A preview needs a stage of its own", "Name it with --stage, like pr-42.");
    if (how.sections.empty())
        how.sections = deploy::all_kinds().sections();
    if (!options.stage.empty())
        how.stage = options.stage;
    how.progress = [&](std::string_view sentence) { progress.phase(std::string(sentence)); };
    if (!how.tool_output)
        how.tool_output = [&](std::string_view text) {
            progress.pause();
            std::cerr << text << std::flush;
        };
    auto application =
        frontends::load_application(options.file.empty() ? std::filesystem::current_path()
                                                         : std::filesystem::path(options.file),
                                    how);
    if (options.preview)
        application.manifest = manifest::as_preview(application.manifest, how.sections);
    if (options.file.empty() && options.stage.empty())
        remember(application.directory, id_of(application.manifest));
    return application;
}

} // namespace

frontends::BuiltApplication load_application(const ApplicationOptions& options, Progress& progress)
{
    return load_with({}, options, progress);
}

frontends::BuiltApplication load_declarations(const ApplicationOptions& options, Progress& progress)
{
    const auto all = deploy::all_kinds().sections();
    std::vector<manifest::Section> sections(all.begin(), all.end());
    for (auto& section : sections)
        section.read_files = nullptr;
    frontends::LoadOptions how;
    how.sections = sections;
    return load_with(std::move(how), options, progress);
}

frontends::BuiltApplication
load_for_development(const ApplicationOptions& options, frontends::KeptTools& kept,
                     Progress& progress, const std::function<void(std::string_view)>& tool_output)
{
    frontends::LoadOptions how;
    how.purpose = frontends::LoadOptions::Purpose::development;
    how.kept = &kept;
    how.tool_output = tool_output;
    return load_with(std::move(how), options, progress);
}

frontends::BuiltApplication load_once_for_development(const ApplicationOptions& options,
                                                      Progress& progress)
{
    frontends::LoadOptions how;
    how.purpose = frontends::LoadOptions::Purpose::development;
    return load_with(std::move(how), options, progress);
}

frontends::BuiltApplication load_application_for(const TargetSettings& settings,
                                                 const ApplicationOptions& options,
                                                 Progress& progress)
{
    using Place = frontends::LoadOptions::Place;
    const bool is_local = settings.kind == TargetSettings::Kind::local;
    frontends::LoadOptions how;
    how.place = is_local ? Place::here : Place::lambda;
    return load_with(std::move(how), options, progress);
}

std::vector<std::string> architecture_warnings(const frontends::BuiltApplication& application)
{
    std::vector<std::string> warnings;
    for (const auto& architecture : application.other_architectures)
        warnings.push_back("The local cloud runs functions on this machine's architecture, " +
                           std::string(host_architecture) + ", even those that declare " +
                           architecture + ".");
    return warnings;
}

deploy::Artifacts artifacts_of(const frontends::BuiltApplication& application)
{
    deploy::Artifacts artifacts;
    for (const auto& [architecture, package] : application.packages)
        artifacts[architecture] = {.zip = package.zip, .sha256 = package.sha256};
    return artifacts;
}

namespace {

/// With what the options say instead.
deploy::DeploymentId changed(deploy::DeploymentId id, const DeploymentOptions& options)
{
    if (!options.stage.empty())
        id.stage = options.stage;
    if (!options.region.empty())
        id.region = options.region;
    return id;
}

/// What the directory's program was called when it was read the last time, if that is deployed:
/// then it need not be built. Nothing otherwise.
std::optional<OpenDeployment> open_remembered(const std::filesystem::path& directory,
                                              const TargetSettings& settings,
                                              const DeploymentOptions& options, Progress& progress)
{
    const auto known = remembered(directory);
    if (!known)
        return {};
    const auto id = changed(*known, options);
    if (settings.kind == TargetSettings::Kind::aws && settings.region != id.region)
        return {};
    OpenDeployment deployment{OpenTarget::open(settings, id.region, &progress), id};
    if (!find_outputs(deployment))
        return {};
    return deployment;
}

/// Of what the directory's program says, or said when it could be read the last time.
DeploymentOfProgram open_built(const std::filesystem::path& directory,
                               const TargetSettings& settings, const DeploymentOptions& options,
                               Progress& progress)
{
    deploy::DeploymentId id;
    std::optional<manifest::Manifest> program;
    try {
        program = load_application({.file = {}, .stage = options.stage}, progress).manifest;
        id = changed(id_of(*program), options);
    } catch (const Error& error) {
        const auto known = remembered(directory);
        if (!known)
            throw;
        id = changed(*known, options);
        progress.note(std::string(error.what()) + "\n  Using " + text_of(id) +
                      " from the last run.");
    }
    return {{OpenTarget::open(settings, id.region, &progress), id}, std::move(program)};
}

} // namespace

namespace {

/// What no deployment can be called is a slip, or a script's variable: found nowhere, it would look
/// like one that is not deployed.
void check_names(const DeploymentOptions& options)
{
    const auto check = [](const std::string& option, const std::string& value,
                          const manifest::TextRule& rule) {
        if (!value.empty() && !rule.holds(value))
            throw UsageError(option + " must be " + std::string(rule.allowed) + ", not '" + value +
                             "'");
    };
    check("--project", options.project, manifest::name_rule);
    check("--stage", options.stage, manifest::stage_rule);
    check("--region", options.region, manifest::region_rule);
}

} // namespace

void declare_deployment(const Command& command, DeploymentOptions& options)
{
    command.option("--project", options.project, "P",
                   "The project (default: that of this directory's application)");
    command.option("--region", options.region, "R", "Its AWS Region");
    command.option("--stage", options.stage, "S", "Its stage");
}

bool names_a_deployment(const DeploymentOptions& options)
{
    return !options.project.empty() || has_application(std::filesystem::current_path());
}

DeploymentOfProgram open_with_program(const DeploymentOptions& options, Progress& progress)
{
    check_names(options);
    const auto directory = std::filesystem::current_path();
    const auto settings = read_target_settings(directory);
    if (options.project.empty() && has_application(directory)) {
        if (auto known = open_remembered(directory, settings, options, progress))
            return {*std::move(known), {}};
        return open_built(directory, settings, options, progress);
    }
    deploy::DeploymentId id{
        .project = options.project, .stage = options.stage, .region = options.region};
    auto target = OpenTarget::open(
        settings, id.region.empty() ? default_region(settings) : id.region, &progress);
    if (id.project.empty())
        id = only_deployment(*target, options.stage);
    if (id.stage.empty())
        id.stage = default_stage;
    if (id.region.empty())
        id.region = region_of(target, id);
    if (id.region != target->region)
        target = OpenTarget::open(settings, id.region, &progress);
    return {{std::move(target), std::move(id)}, {}};
}

OpenDeployment open_deployment(const DeploymentOptions& options, Progress& progress)
{
    return open_with_program(options, progress).deployment;
}

std::optional<deploy::Outputs> find_outputs(const OpenDeployment& deployment)
{
    try {
        auto outputs = deploy::outputs(deploy::all_kinds(), *deployment.target, deployment.id);
        if (outputs)
            *outputs = deploy::current_outputs(std::move(*outputs), *deployment.target);
        return outputs;
    } catch (const Error&) {
        return {};
    }
}

deploy::Outputs need_outputs(const OpenDeployment& deployment)
{
    auto outputs = deploy::outputs(deploy::all_kinds(), *deployment.target, deployment.id);
    if (!outputs)
        throw not_deployed(deployment);
    return deploy::current_outputs(std::move(*outputs), *deployment.target);
}

Error not_deployed(const OpenDeployment& deployment)
{
    return Error(text_of(deployment.id) + " is not deployed to " + deployment.target->name,
                 "Run 'nimbus deploy' first.");
}

deploy::Options engine_options(Progress& progress, const deploy::Target& target)
{
    deploy::Options options;
    options.status = &progress;
    options.parallel = target.name == "local" ? steps_at_a_time_locally : steps_at_a_time;
    options.holder = holder();
    take_interrupts();
    options.interrupted = interrupted;
    if (const char* text = std::getenv("NIMBUS_LOCK_TIMEOUT"); text && *text) {
        const auto seconds = parse_number<int>(text);
        if (!seconds || *seconds < 0)
            throw UsageError("NIMBUS_LOCK_TIMEOUT must be a whole number of seconds, not '" +
                                 std::string(text) + "'",
                             "Set it to how long to wait for a lock, such as 60, or unset it.");
        options.lock_timeout = std::chrono::seconds(*seconds);
    }
    return options;
}

} // namespace nimbus::cli

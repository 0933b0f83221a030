#pragma once

#include "base/error.h"
#include "cli/command.h"
#include "cli/deployment_choice.h"
#include "cli/target.h"
#include "frontends/application.h"
#include "manifest/manifest.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which application, and which of its deployments, a command is about.
namespace nimbus::cli {

struct ApplicationOptions {
    std::string file; ///< empty: the directory's
    std::string stage;
    bool preview = false; ///< of the stage
};

/// --preview, for commands that compare the program with what is deployed.
void declare_preview(const Command& command, ApplicationOptions& options);
/// FILE.
void declare_file(const Command& command, ApplicationOptions& options);
/// FILE and --stage.
void declare_application(const Command& command, ApplicationOptions& options);
/// Builds it, for this machine; `progress` is told, and what the compiler says goes to standard
/// error.
frontends::BuiltApplication load_application(const ApplicationOptions& options, Progress& progress);
/// The same without what the kinds read of the project's files, for who is about to write one.
frontends::BuiltApplication load_declarations(const ApplicationOptions& options,
                                              Progress& progress);
/// Builds it for what it is deployed to.
frontends::BuiltApplication load_application_for(const TargetSettings& settings,
                                                 const ApplicationOptions& options,
                                                 Progress& progress);
/// Builds it for development: fast, with what `kept` has of the build before, and for the local
/// cloud alone. What the compiler says goes to `tool_output`.
frontends::BuiltApplication
load_for_development(const ApplicationOptions& options, frontends::KeptTools& kept,
                     Progress& progress, const std::function<void(std::string_view)>& tool_output);
/// The same for one build; what the compiler says goes to standard error.
frontends::BuiltApplication load_once_for_development(const ApplicationOptions& options,
                                                      Progress& progress);
/// A sentence for each architecture that functions declare and the local cloud does not run.
std::vector<std::string> architecture_warnings(const frontends::BuiltApplication& application);
/// Its packages, as the engine takes them.
deploy::Artifacts artifacts_of(const frontends::BuiltApplication& application);

struct DeploymentOptions {
    std::string project;
    std::string region;
    std::string stage;
};

/// --project, --region and --stage, all optional.
void declare_deployment(const Command& command, DeploymentOptions& options);
/// Do the options, or an application in this directory, say which deployment is meant?
bool names_a_deployment(const DeploymentOptions& options);

/// A deployment and where it is.
struct OpenDeployment {
    OpenTarget target;
    deploy::DeploymentId id;
};

/// The deployment that the options name; without --project that of the directory's application,
/// else the only one that there is; without --region the only one of that project and stage. The
/// application is built only if what it was called the last time is not deployed. Throws Error with
/// the way out when there is none, UsageError when there are several.
OpenDeployment open_deployment(const DeploymentOptions& options, Progress& progress);

/// The same, with what the program declares where it was built to find its deployment.
struct DeploymentOfProgram {
    OpenDeployment deployment;
    std::optional<manifest::Manifest> program;
};
DeploymentOfProgram open_with_program(const DeploymentOptions& options, Progress& progress);

/// Its outputs; nothing when it was not deployed, or its state cannot be read: secrets need no
/// bucket.
std::optional<deploy::Outputs> find_outputs(const OpenDeployment& deployment);

/// "shop (dev) … is not deployed to …", and the way out.
Error not_deployed(const OpenDeployment& deployment);
/// Its outputs; throws Error when it was not deployed.
deploy::Outputs need_outputs(const OpenDeployment& deployment);

/// Status, holder and NIMBUS_LOCK_TIMEOUT (seconds); takes interrupts from here on.
deploy::Options engine_options(Progress& progress, const deploy::Target& target);

} // namespace nimbus::cli

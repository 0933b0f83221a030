#include "cli/declared_secrets.h"

#include "base/error.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/secret/output.h"
#include "manifest/problems.h"

#include <algorithm>
#include <optional>

namespace nimbus::cli {
namespace {

using Names = std::vector<std::string>;

Names declared_by(const manifest::Manifest& program)
{
    Names names;
    for (const auto& secret : program.declared.of<deploy::secret::Secret>())
        names.push_back(secret.name);
    return names;
}

/// Nothing when it is not deployed.
std::optional<Names> declared_by_the_last_deploy(const OpenDeployment& deployment)
{
    const auto outputs = find_outputs(deployment);
    if (!outputs)
        return {};
    Names names;
    for (const auto& secret : outputs->of<deploy::secret::SecretOutput>(deploy::secret::kind_name))
        names.push_back(secret.name);
    return names;
}

/// By this directory's application; nothing, which is said, when it does not build.
std::optional<Names> declared_here(const DeploymentOptions& options, Progress& progress)
{
    try {
        return declared_by(
            load_application({.file = {}, .stage = options.stage}, progress).manifest);
    } catch (const Error& error) {
        progress.note("Whether the program declares it is not known: " + sentences_of(error));
        return {};
    }
}

bool has_all(const Names& declared, const Names& names)
{
    return std::ranges::all_of(names, [&](const std::string& name) {
        return std::ranges::find(declared, name) != declared.end();
    });
}

std::optional<Names> declared_secrets(const Names& names, const DeploymentOfProgram& opened,
                                      const DeploymentOptions& options, Progress& progress)
{
    if (opened.program)
        return declared_by(*opened.program);
    auto deployed = declared_by_the_last_deploy(opened.deployment);
    if (deployed && has_all(*deployed, names))
        return deployed;
    if (!options.project.empty() || !names_a_deployment(options))
        return deployed;
    return declared_here(options, progress);
}

} // namespace

std::string undeclared_note(const std::string& name, const Names& declared)
{
    const auto guess = manifest::suggestion(name, {declared.begin(), declared.end()});
    return "The program declares no secret '" + name + "'" + (guess.empty() ? "." : guess) +
           " No function can read it until the program declares it. 'nimbus secret remove " + name +
           "' deletes it.";
}

void note_undeclared(const Names& names, const DeploymentOfProgram& opened,
                     const DeploymentOptions& options, Progress& progress)
{
    const auto declared = declared_secrets(names, opened, options, progress);
    progress.pause();
    if (!declared)
        return;
    for (const auto& name : names)
        if (std::ranges::find(*declared, name) == declared->end())
            progress.note(undeclared_note(name, *declared));
}

} // namespace nimbus::cli

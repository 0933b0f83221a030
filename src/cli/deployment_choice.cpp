#include "cli/deployment_choice.h"

#include "base/error.h"

namespace nimbus::cli {
namespace {

bool fits(const std::string& name, const std::string& wanted)
{
    return wanted.empty() || name == wanted;
}

/// The options that tell them apart.
std::string way_out(const deploy::DeploymentId& wanted)
{
    return wanted.project.empty() ? "Select one with --project, --stage and --region."
                                  : "Select one with --region.";
}

} // namespace

std::string text_of(const deploy::DeploymentId& id)
{
    return id.project + " (stage " + id.stage + ", " + id.region + ")";
}

std::optional<deploy::DeploymentId> only_match(std::vector<deploy::DeploymentId> all,
                                               const deploy::DeploymentId& wanted)
{
    std::erase_if(all, [&](const deploy::DeploymentId& id) {
        return !fits(id.project, wanted.project) || !fits(id.stage, wanted.stage) ||
               !fits(id.region, wanted.region);
    });
    if (all.empty())
        return {};
    if (all.size() == 1)
        return all.front();
    std::string names;
    for (const auto& id : all)
        names += "\n  " + text_of(id);
    throw UsageError("There are several deployments:" + names, way_out(wanted));
}

} // namespace nimbus::cli

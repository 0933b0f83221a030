#include "deploy/kinds/function/names.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "deploy/bucket.h"
#include "deploy/kind.h"
#include "deploy/kinds/function/role.h"
#include "deploy/link.h"
#include "deploy/state.h"
#include "manifest/names.h"

#include <algorithm>

namespace nimbus::deploy::function {
namespace {

constexpr std::size_t longest_role_name = 64;
constexpr std::size_t digest_characters = 8;
/// Of functions that use all that the application has.
constexpr std::string_view role_of_all = "functions";

std::vector<std::string> sorted(std::vector<std::string> names)
{
    std::ranges::sort(names);
    return names;
}

std::string digest_of(const std::string& text)
{
    return crypto::sha256_hex(text).substr(0, digest_characters);
}

/// What of its permissions tells a role from others: "" when it has none of its own.
std::string permissions_suffix(const manifest::Function& function)
{
    if (function.permissions.empty())
        return {};
    std::string text;
    for (const auto& permission : function.permissions) {
        text += permission.effect;
        for (const auto& action : permission.actions)
            text += '\n' + action;
        for (const auto& resource : permission.resources)
            text += "\n\t" + resource;
        text += "\n\n";
    }
    return '-' + digest_of(text);
}

std::string role_arn(const Target& target, const std::string& iam_name)
{
    return Arn{.partition = aws::partition_of(target.region),
               .service = "iam",
               .account = target.account_id,
               .resource = "role/" + iam_name}
        .to_string();
}

} // namespace

FunctionsByName::FunctionsByName(const manifest::Manifest& manifest)
{
    for (const auto& function : manifest.functions)
        functions_.emplace(function.name, &function);
}

const manifest::Function& FunctionsByName::at(const std::string& name) const
{
    const auto found = functions_.find(name);
    if (found == functions_.end())
        throw Error("The manifest has no function '" + name + "'");
    return *found->second;
}

std::string function_arn(const Application& application, const manifest::Function& function)
{
    return arn_of(application.target, "lambda",
                  "function:" + manifest::lambda_function_name(application.manifest, function));
}

std::string log_group_of(const std::string& lambda_function_name)
{
    return "/aws/lambda/" + lambda_function_name;
}

std::string role_name(const Application& application, const manifest::Function& function)
{
    const auto used = sorted(function.uses);
    const auto suffix = permissions_suffix(function);
    if (used == sorted(usable_names(application)))
        return std::string(role_of_all) + suffix;
    // The name of 0.1, which had databases only: deployments have roles of that name.
    if (used.empty())
        return "functions-without-sql" + suffix;
    auto name = "functions-with-" + join(used, "-");
    // a and b-c give the same name as a-b and c: each then gets a digest of what it uses.
    const bool is_ambiguous =
        std::ranges::any_of(application.manifest.functions, [&](const manifest::Function& other) {
            const auto others = sorted(other.uses);
            return others != used && join(others, "-") == join(used, "-");
        });
    if (is_ambiguous)
        name += '-' + digest_of(join(used, "\n"));
    return name + suffix;
}

std::string iam_role_name(const Application& application, const std::string& name)
{
    auto of_any_region = manifest::resource_name(application.manifest, name, longest_role_name);
    if (application.recorded != nullptr &&
        outputs_in<Role>(*application.recorded, name).role_name == of_any_region)
        return of_any_region;
    return manifest::resource_name(application.manifest, name + '-' + application.target.region,
                                   longest_role_name);
}

std::string default_iam_role_name(const DeploymentId& deployment)
{
    const manifest::Manifest named{.project = deployment.project, .stage = deployment.stage};
    return manifest::resource_name(named, std::string(role_of_all) + '-' + deployment.region,
                                   longest_role_name);
}

std::string iam_role_arn(const Application& application, const std::string& name)
{
    return role_arn(application.target, iam_role_name(application, name));
}

std::string name_pattern(const Application& application)
{
    return application.manifest.project + '-' + application.manifest.stage + "-*";
}

std::string function_arn_pattern(const Application& application)
{
    return arn_of(application.target, "lambda", "function:" + name_pattern(application));
}

std::string role_arn_pattern(const Application& application)
{
    return role_arn(application.target, name_pattern(application));
}

const deploy::Artifact& artifact_of(const Application& application,
                                    const manifest::Function& function)
{
    const auto found = application.artifacts.find(function.architecture);
    if (found == application.artifacts.end())
        throw Error("There is no code for the architecture " + function.architecture +
                    ", which the function " + function.name + " has");
    return found->second;
}

std::string artifact_object_key(const Application& application, const deploy::Artifact& artifact)
{
    return object_key(application.deployment(), "code/" + artifact.sha256 + ".zip");
}

std::string artifact_name(const deploy::Artifact& artifact)
{
    constexpr std::size_t characters = 12;
    return artifact.sha256.substr(0, characters);
}

} // namespace nimbus::deploy::function

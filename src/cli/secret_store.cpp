#include "cli/secret_store.h"

#include "aws/ops/secretsmanager/secret_values.h"
#include "base/encoding.h"
#include "cli/deployment.h"
#include "deploy/application.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/secret/secret.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace nimbus::cli {

namespace secretsmanager = aws::secretsmanager;

namespace {

/// As SecretString and SecretBinary: Secrets Manager's texts are UTF-8.
std::pair<std::optional<std::string>, std::optional<std::string>>
text_and_binary(const std::string& value)
{
    if (is_utf8(value))
        return {value, {}};
    return {{}, value};
}

} // namespace

std::string SecretStore::full_name(const std::string& name) const
{
    return deploy::secret::full_name(deployment_, name);
}

aws::Tags SecretStore::tags_of(const std::string& name) const
{
    return deploy::tags_of(deployment_, deploy::secret::SecretResource::name, name);
}

std::optional<secretsmanager::Secret> SecretStore::find(const std::string& name) const
{
    auto secret = client_.find(secretsmanager::DescribeSecret{.secret_id = full_name(name)});
    if (secret && !deploy::has_tags(secret->tags, tags_of(name)))
        throw Error("The secret " + full_name(name) +
                        " in Secrets Manager does not belong to this application",
                    fmt::format("It lacks the tags nimbus:project={}, nimbus:stage={} and "
                                "nimbus:resource=secret/{}. Add them, or delete the secret.",
                                deployment_.project, deployment_.stage, name));
    return secret;
}

secretsmanager::Secret SecretStore::need(const std::string& name) const
{
    auto secret = find(name);
    if (!secret)
        throw Error("There is no secret '" + name + "' in " + text_of(deployment_),
                    "'nimbus secret list' lists the secrets; 'nimbus secret set " + name +
                        "' creates this one.");
    return *std::move(secret);
}

std::vector<NamedSecret> SecretStore::list() const
{
    std::vector<NamedSecret> found;
    const auto prefix = full_name("");
    const secretsmanager::ListSecrets request{
        .filters = {{"name", {prefix}}}, .include_planned_deletion = true, .max_results = 100};
    client_.for_each_page(request, [&](secretsmanager::ListSecrets::Response page) {
        for (auto& secret : page.secrets) {
            if (!secret.name.starts_with(prefix))
                continue;
            auto name = secret.name.substr(prefix.size());
            if (deploy::has_tags(secret.tags, tags_of(name)))
                found.push_back({.name = std::move(name), .secret = std::move(secret)});
        }
    });
    std::ranges::sort(found, {}, &NamedSecret::name);
    return found;
}

secretsmanager::Secret SecretStore::need_readable(const std::string& name) const
{
    auto secret = need(name);
    if (secret.waits_for_deletion())
        throw Error("The secret '" + name + "' is scheduled for deletion",
                    "'nimbus deploy', if the program declares it, or 'nimbus secret set " + name +
                        "' restores it.");
    if (!secret.has_value())
        throw Error("The secret '" + name + "' has no value",
                    "Run 'nimbus secret set " + name + "'.");
    return secret;
}

SecretStore::Change SecretStore::set(const std::string& name,
                                     const std::optional<secretsmanager::Secret>& found,
                                     const std::string& value) const
{
    if (!found) {
        create(name, value);
        return Change::created;
    }
    if (found->waits_for_deletion())
        client_.call(secretsmanager::RestoreSecret{.secret_id = found->arn});
    if (has_value(*found, value))
        return Change::unchanged;
    const auto [text, binary] = text_and_binary(value);
    client_.call(secretsmanager::PutSecretValue{
        .secret_id = found->arn, .secret_string = text, .secret_binary = binary});
    return Change::changed;
}

void SecretStore::create(const std::string& name, const std::string& value) const
{
    const auto [text, binary] = text_and_binary(value);
    try {
        client_.call(secretsmanager::CreateSecret{.name = full_name(name),
                                                  .tags = tags_of(name),
                                                  .secret_string = text,
                                                  .secret_binary = binary});
    } catch (const aws::ApiError& error) {
        // Deleted without a recovery window: it cannot be seen any more, but its name is not free.
        if (secretsmanager::is_waiting_for_deletion(error))
            throw Error("Secrets Manager is still deleting the secret " + full_name(name),
                        "Run the command again in a minute.");
        throw;
    }
}

/// Setting it again would push the version before, which AWSPREVIOUS keeps, out of reach. Who may
/// set secrets, but not read them, does so all the same.
bool SecretStore::has_value(const secretsmanager::Secret& secret, const std::string& value) const
{
    if (!secret.has_value())
        return false;
    try {
        return value_of(secret) == value;
    } catch (const aws::ApiError& error) {
        if (error.is("AccessDeniedException"))
            return false;
        throw;
    }
}

std::string SecretStore::value_of(const secretsmanager::Secret& secret) const
{
    const auto response = client_.call(secretsmanager::GetSecretValue{.secret_id = secret.arn});
    return response.secret_string ? *response.secret_string : response.secret_binary.value_or("");
}

std::optional<SystemTime> SecretStore::remove(const secretsmanager::Secret& secret,
                                              bool at_once) const
{
    return client_
        .call(secretsmanager::DeleteSecret{.secret_id = secret.arn,
                                           .force_delete_without_recovery = at_once})
        .deletion_date;
}

} // namespace nimbus::cli

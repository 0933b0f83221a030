#include "deploy/kinds/secret/deployer.h"

#include "deploy/kind.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/secret/secret.h"

namespace nimbus::deploy::secret {

std::vector<Statement> deployer_statements(const Application& application)
{
    const auto& secrets = application.manifest.declared.of<Secret>();
    if (secrets.empty() && !is_recorded<SecretResource>(application))
        return {};
    const auto& target = application.target;
    std::vector<Statement> statements{
        {.actions = {"secretsmanager:CreateSecret", "secretsmanager:DeleteSecret",
                     "secretsmanager:DescribeSecret", "secretsmanager:RestoreSecret",
                     "secretsmanager:TagResource", "secretsmanager:UpdateSecret"},
         .resources = {arn_of(target, "secretsmanager",
                              "secret:" + full_name(application.deployment(), "*"))},
         .id = "Secrets"}};
    // Secrets Manager uses the key on behalf of who names it. Source: its API reference,
    // CreateSecret and UpdateSecret.
    Statement keys{.actions = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
                   .resources = {},
                   .condition = string_equals(
                       {{"kms:ViaService", "secretsmanager." + target.region + ".amazonaws.com"}}),
                   .id = "SecretKeys"};
    for (const auto& secret : secrets)
        if (!secret.kms_key_id.empty())
            keys.resources.push_back(key_arn(target, secret));
    if (!keys.resources.empty())
        statements.push_back(std::move(keys));
    return statements;
}

} // namespace nimbus::deploy::secret

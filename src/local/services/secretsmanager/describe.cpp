#include "local/services/secretsmanager/describe.h"

#include "local/services/answers.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local::secretsmanager_api {

json::object describe(const Secret& secret, std::string_view versions_member)
{
    auto body = identity(secret);
    body["CreatedDate"] = epoch_seconds(secret.created);
    body["LastChangedDate"] = epoch_seconds(secret.changed);
    if (secret.accessed)
        body["LastAccessedDate"] = epoch_seconds(*secret.accessed);
    if (secret.deletion_date)
        body["DeletedDate"] = epoch_seconds(*secret.deletion_date);
    if (!secret.description.empty())
        body["Description"] = secret.description;
    if (!secret.kms_key_id.empty())
        body["KmsKeyId"] = secret.kms_key_id;
    if (!secret.tags.empty())
        body["Tags"] = tags_to_json(secret.tags);
    if (auto versions = versions_to_stages(secret); !versions.empty())
        body[versions_member] = std::move(versions);
    return body;
}

} // namespace nimbus::local::secretsmanager_api

#include "local/services/secretsmanager/new_version.h"

#include "base/encoding.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local::secretsmanager_api {
namespace {

/// Source: AWS Secrets Manager User Guide, "Quotas".
constexpr std::size_t most_value_bytes = 65'536;
constexpr std::size_t most_stages = 20;

} // namespace

std::optional<SecretValue> value_of(const Call& call)
{
    const auto input = input_of(call);
    if (input.has("SecretString") && input.has("SecretBinary"))
        throw secrets_error(
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value "
            "in the same secret.");
    if (auto text = text_of(input, "SecretString", 1, most_value_bytes))
        return SecretValue{.kind = SecretValue::Kind::text, .bytes = std::move(*text)};
    const auto encoded = input.text("SecretBinary");
    if (!encoded)
        return std::nullopt;
    auto bytes = base64_decode(*encoded);
    if (!bytes)
        throw ServiceError(400, "SerializationException", "SecretBinary is not base64.");
    if (bytes->empty() || bytes->size() > most_value_bytes)
        input.refuse("1 validation error detected: Value at 'secretBinary' failed to satisfy "
                     "constraint: Member must have length between 1 and " +
                     std::to_string(most_value_bytes));
    return SecretValue{.kind = SecretValue::Kind::binary, .bytes = std::move(*bytes)};
}

bool has_value(SecretStore& store, const Secret& secret, const std::string& token,
               const SecretValue& value)
{
    if (secret.find_version(token) == nullptr)
        return false;
    if (store.value(secret, token) == value)
        return true;
    throw secrets_error("ResourceExistsException",
                        "You can't use ClientRequestToken " + token +
                            " because that value is already in use for a version of secret " +
                            secret.arn + ".");
}

void check_stage_count(const Secret& secret)
{
    if (secret.stage_count() > most_stages)
        throw secrets_error(
            "LimitExceededException",
            "You exceeded the maximum number of staging labels allowed on a secret.");
}

bool add_value(SecretStore& store, Secret& secret, const std::string& token,
               const SecretValue& value, const std::vector<std::string>& stages)
{
    if (has_value(store, secret, token, value))
        return false;
    const auto now = store.now();
    secret.add_version({.id = token, .created = now, .kms_key_id = secret.kms_key_id}, stages);
    check_stage_count(secret);
    for (const auto& old : secret.remove_old_versions(now))
        store.erase_value(secret, old);
    store.put_value(secret, token, value);
    secret.changed = now;
    return true;
}

} // namespace nimbus::local::secretsmanager_api

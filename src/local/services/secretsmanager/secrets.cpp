#include "local/services/answers.h"
#include "local/services/secretsmanager/describe.h"
#include "local/services/secretsmanager/new_version.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

constexpr std::size_t most_name_bytes = 512;
constexpr std::size_t most_description_bytes = 2048;
constexpr std::size_t most_kms_key_bytes = 2048;
constexpr std::int64_t shortest_window_days = 7;
constexpr std::int64_t longest_window_days = 30;

const std::vector<std::string> current{stage_current};

std::string name_of(const Call& call)
{
    const auto input = input_of(call);
    if (!input.has("Name"))
        input.refuse("1 validation error detected: Value null at 'name' failed to satisfy "
                     "constraint: Member must not be null");
    auto name = *text_of(input, "Name", 1, most_name_bytes);
    if (!is_name(name))
        throw_bad_name();
    return name;
}

void refuse_what_is_missing(const Call& call)
{
    const auto input = input_of(call);
    if (input.has("AddReplicaRegions"))
        throw secrets_error("InvalidParameterException",
                            "The local cloud does not replicate secrets: leave out "
                            "AddReplicaRegions.");
    if (input.has("Type"))
        throw secrets_error("InvalidParameterException",
                            "The local cloud does not have external secrets: leave out Type.");
}

/// Description and KmsKeyId, where they are given.
void take_settings(const Call& call, Secret& secret)
{
    const auto input = input_of(call);
    if (auto description = text_of(input, "Description", 0, most_description_bytes))
        secret.description = std::move(*description);
    if (auto key = text_of(input, "KmsKeyId", 0, most_kms_key_bytes))
        secret.kms_key_id = std::move(*key);
}

/// Secrets Manager uses a key of the account's on behalf of who names it. Which key an alias stands
/// for, this cloud does not know. Source: Secrets Manager's API reference, CreateSecret and
/// UpdateSecret.
void check_key_permissions(AccessControl& access, const Call& call,
                           std::initializer_list<const char*> actions)
{
    const auto key = string_or_empty(call.input, "KmsKeyId");
    if (key.empty() || key.find("alias/") != std::string::npos)
        return;
    const auto arn = key.starts_with("arn:") ? key : arn_in(call, "kms", "key/" + key);
    for (const auto* action : actions)
        need_permission(access, call, action, arn,
                        {{"kms:ViaService", "secretsmanager." + call.region + ".amazonaws.com"}});
}

json::object identity_with_version(const Secret& secret, const std::string& version_id)
{
    auto body = identity(secret);
    body["VersionId"] = version_id;
    return body;
}

/// A retry of the call that created the secret gets the same answer; any other call fails.
http::Response create_again(SecretStore& store, const Secret& secret, const std::string& token,
                            const std::optional<SecretValue>& value)
{
    if (secret.deletion_date)
        throw secrets_error("InvalidRequestException",
                            "You can't create this secret because a secret with this name is "
                            "already scheduled for deletion.");
    if (value && has_value(store, secret, token, *value))
        return json_1_1_answer(identity_with_version(secret, token));
    throw secrets_error("ResourceExistsException", "The operation failed because the secret " +
                                                       secret.name + " already exists.");
}

http::Response create_secret(SecretStore& store, AccessControl& access, Call& call)
{
    refuse_what_is_missing(call);
    const auto token = request_token(call);
    const auto name = name_of(call);
    const auto value = value_of(call);
    auto secret = store.make(call.region, name);
    take_settings(call, secret);
    secret.tags = tags_of(call);
    check_tag_count(secret.tags);
    if (!secret.tags.empty())
        need_permission(access, call, "secretsmanager:TagResource", secret.arn,
                        secret_context(secret));
    check_key_permissions(access, call, {"kms:GenerateDataKey", "kms:Decrypt"});
    return store.database().transaction([&] {
        if (const auto existing = store.find(call.region, name))
            return create_again(store, *existing, token, value);
        if (value)
            add_value(store, secret, token, *value, current);
        store.put(secret);
        return json_1_1_answer(value ? identity_with_version(secret, token) : identity(secret));
    });
}

http::Response describe_secret(SecretStore& store, Call& call)
{
    return json_1_1_answer(describe(need_secret(store, call), "VersionIdsToStages"));
}

http::Response update_secret(SecretStore& store, AccessControl& access, Call& call)
{
    refuse_what_is_missing(call);
    const auto token = request_token(call);
    const auto value = value_of(call);
    check_key_permissions(access, call, {"kms:GenerateDataKey", "kms:Encrypt", "kms:Decrypt"});
    return store.database().transaction([&] {
        auto secret = need_live_secret(store, call);
        take_settings(call, secret);
        secret.changed = store.now();
        if (value)
            add_value(store, secret, token, *value, current);
        store.put(secret);
        return json_1_1_answer(value ? identity_with_version(secret, token) : identity(secret));
    });
}

/// Unset: at once.
std::optional<std::chrono::days> recovery_window(const Call& call)
{
    const auto input = input_of(call);
    const auto force = input.boolean("ForceDeleteWithoutRecovery").value_or(false);
    const auto days = integer_member(call.input, "RecoveryWindowInDays");
    if (days && force)
        throw secrets_error("InvalidParameterException",
                            "You can't use ForceDeleteWithoutRecovery in conjunction with "
                            "RecoveryWindowInDays.");
    if (force)
        return std::nullopt;
    const auto window = days.value_or(longest_window_days);
    if (window < shortest_window_days || window > longest_window_days)
        throw secrets_error("InvalidParameterException",
                            "The RecoveryWindowInDays value must be between 7 and 30 days "
                            "(inclusive).");
    return std::chrono::days(window);
}

http::Response deletion_answer(const Secret& secret, SystemTime date)
{
    auto body = identity(secret);
    body["DeletionDate"] = epoch_seconds(date);
    return json_1_1_answer(body);
}

http::Response delete_secret(SecretStore& store, Call& call)
{
    const auto window = recovery_window(call);
    const auto id = secret_id(call);
    const auto now = store.now();
    return store.database().transaction([&] {
        if (window) {
            auto secret = need_live_secret(store, call);
            secret.deletion_date = now + *window;
            secret.changed = now;
            store.put(secret);
            return deletion_answer(secret, *secret.deletion_date);
        }
        const auto secret = store.find(call.region, id);
        // A deletion by force that is sent again succeeds, too.
        if (!secret)
            return deletion_answer({.name = id, .arn = secret_resource(store, call.region, id)},
                                   now);
        store.erase(*secret);
        return deletion_answer(*secret, now);
    });
}

http::Response restore_secret(SecretStore& store, Call& call)
{
    return store.database().transaction([&] {
        auto secret = need_secret(store, call);
        if (secret.deletion_date) {
            secret.deletion_date.reset();
            secret.changed = store.now();
            store.put(secret);
        }
        return json_1_1_answer(identity(secret));
    });
}

/// A permission to create is asked for the ARN that the secret would get; nobody knows its random
/// characters yet.
std::string resource_to_create(SecretStore& store, const Call& call)
{
    return store.arn(call.region, string_or_empty(call.input, "Name") + "-??????");
}

} // namespace

std::vector<Operation> secretsmanager_secret_operations(SecretStore& store, AccessControl& access)
{
    using Plain = http::Response (*)(SecretStore&, Call&);
    const auto entry = [&store](std::string_view name, std::string_view action, Plain answer) {
        return on_secret(store, name, action,
                         [&store, answer](Call& call) { return answer(store, call); });
    };
    auto create =
        on_all("CreateSecret", "secretsmanager:CreateSecret",
               [&store, &access](Call& call) { return create_secret(store, access, call); });
    create.resource = [&store](const Call& call) { return resource_to_create(store, call); };
    auto update =
        on_secret(store, "UpdateSecret", "secretsmanager:UpdateSecret",
                  [&store, &access](Call& call) { return update_secret(store, access, call); });
    return {create, update,
            entry("DescribeSecret", "secretsmanager:DescribeSecret", describe_secret),
            entry("DeleteSecret", "secretsmanager:DeleteSecret", delete_secret),
            entry("RestoreSecret", "secretsmanager:RestoreSecret", restore_secret)};
}

} // namespace nimbus::local

#include "base/encoding.h"
#include "local/services/answers.h"
#include "local/services/secretsmanager/filters.h"
#include "local/services/secretsmanager/new_version.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

constexpr std::size_t most_stage_bytes = 256;
constexpr std::int64_t most_values_a_batch = 20;

[[noreturn]] void throw_no_value(const std::string& what)
{
    throw secrets_error("ResourceNotFoundException",
                        "Secrets Manager can't find the specified secret value for " + what);
}

SecretVersion& chosen_version(Secret& secret, const std::optional<std::string>& id,
                              const std::optional<std::string>& stage)
{
    if (!id) {
        const auto label = stage.value_or(stage_current);
        if (auto* const version = secret.version_with_stage(label))
            return *version;
        throw_no_value("staging label: " + label);
    }
    auto* const version = secret.find_version(*id);
    if (version == nullptr)
        throw_no_value("VersionId: " + *id);
    if (stage && !version->has_stage(*stage))
        throw secrets_error("InvalidRequestException",
                            "You provided a VersionStage that is not associated to the provided "
                            "VersionId.");
    return *version;
}

/// Dates of access are kept to the day.
void note_access(SecretStore& store, Secret& secret, SecretVersion& version)
{
    const SystemTime today = std::chrono::floor<std::chrono::days>(store.now());
    if (secret.accessed == today && version.accessed == today)
        return;
    secret.accessed = today;
    version.accessed = today;
    store.put(secret);
}

/// In a transaction.
json::object read_value(SecretStore& store, Secret secret, const std::optional<std::string>& id,
                        const std::optional<std::string>& stage)
{
    require_live(secret);
    auto& version = chosen_version(secret, id, stage);
    const auto value = store.value(secret, version.id);
    note_access(store, secret, version);
    auto body = identity(secret);
    body["VersionId"] = version.id;
    body["VersionStages"] = json::array(version.stages.begin(), version.stages.end());
    body["CreatedDate"] = epoch_seconds(version.created);
    if (value.kind == SecretValue::Kind::text)
        body["SecretString"] = value.bytes;
    else
        body["SecretBinary"] = base64_encode(value.bytes);
    return body;
}

http::Response get_secret_value(SecretStore& store, Call& call)
{
    const auto input = input_of(call);
    const auto id = text_of(input, "VersionId", 32, 64);
    const auto stage = text_of(input, "VersionStage", 1, most_stage_bytes);
    return store.database().transaction(
        [&] { return json_1_1_answer(read_value(store, need_secret(store, call), id, stage)); });
}

/// AWSCURRENT unless the request says otherwise.
std::vector<std::string> stages_of(const Call& call)
{
    const auto input = input_of(call);
    const auto* list = input.array("VersionStages");
    if (list == nullptr || list->empty())
        return {stage_current};
    std::vector<std::string> stages;
    for (const auto& item : *list) {
        const auto* stage = item.if_string();
        if (stage == nullptr || stage->empty() || stage->size() > most_stage_bytes)
            input.refuse("1 validation error detected: Value at 'versionStages' failed to satisfy "
                         "constraint: Member must have length between 1 and " +
                         std::to_string(most_stage_bytes));
        stages.emplace_back(*stage);
    }
    return stages;
}

http::Response put_secret_value(SecretStore& store, Call& call)
{
    const auto token = request_token(call);
    const auto stages = stages_of(call);
    const auto value = value_of(call);
    if (!value)
        throw secrets_error("InvalidRequestException",
                            "You must provide either SecretString or SecretBinary.");
    return store.database().transaction([&] {
        auto secret = need_live_secret(store, call);
        if (add_value(store, secret, token, *value, stages))
            store.put(secret);
        const auto* version = secret.find_version(token);
        auto body = identity(secret);
        body["VersionId"] = token;
        body["VersionStages"] = json::array(version->stages.begin(), version->stages.end());
        return json_1_1_answer(body);
    });
}

/// What BatchGetSecretValue has found out, secret by secret.
class Batch {
public:
    Batch(SecretStore& store, AccessControl& access, const Call& call)
        : store_(store), access_(access), call_(call)
    {
    }

    void read(const std::string& id)
    {
        try {
            values_.push_back(store_.database().transaction([&] { return allowed_value(id); }));
        } catch (const ServiceError& error) {
            errors_.push_back(json::object{
                {"SecretId", id}, {"ErrorCode", error.code}, {"Message", error.what()}});
        }
    }

    json::object answer() &&
    {
        return {{"SecretValues", std::move(values_)}, {"Errors", std::move(errors_)}};
    }

private:
    json::object allowed_value(const std::string& id)
    {
        auto secret = store_.find(call_.region, id);
        need_permission(access_, call_, "secretsmanager:GetSecretValue",
                        secret_resource(store_, call_.region, id),
                        secret ? secret_context(*secret) : ConditionContext{});
        if (!secret)
            throw secrets_error("ResourceNotFoundException",
                                "Secrets Manager can't find the specified secret.");
        return read_value(store_, std::move(*secret), std::nullopt, std::nullopt);
    }

    SecretStore& store_;
    AccessControl& access_;
    const Call& call_;
    json::array values_;
    json::array errors_;
};

http::Response batch_by_filters(SecretStore& store, AccessControl& access, const Call& call)
{
    need_permission(access, call, "secretsmanager:ListSecrets", "*", {});
    const auto secrets = matching_secrets(store, call);
    const auto page = page_of(call, secrets.size(), most_values_a_batch);
    Batch batch(store, access, call);
    for (auto i = page.first; i < page.last; ++i)
        batch.read(secrets[i].arn);
    auto body = std::move(batch).answer();
    page.add_token(body);
    return json_1_1_answer(body);
}

http::Response batch_get_secret_value(SecretStore& store, AccessControl& access, Call& call)
{
    const auto input = input_of(call);
    const auto* ids = input.array("SecretIdList");
    if ((ids != nullptr) == input.has("Filters"))
        throw secrets_error("InvalidParameterException",
                            "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    if (ids == nullptr)
        return batch_by_filters(store, access, call);
    if (input.has("MaxResults"))
        throw secrets_error("InvalidParameterException",
                            "'Filters' not specified. 'Filters' must also be specified when "
                            "'MaxResults' is provided.");
    const auto is_text = [](const json::value& id) { return id.is_string(); };
    if (ids->empty() || std::cmp_greater(ids->size(), most_values_a_batch) ||
        !std::ranges::all_of(*ids, is_text))
        input.refuse("1 validation error detected: Value at 'secretIdList' failed to satisfy "
                     "constraint: Member must have length between 1 and " +
                     std::to_string(most_values_a_batch));
    Batch batch(store, access, call);
    for (const auto& id : *ids)
        batch.read(std::string(id.get_string()));
    return json_1_1_answer(std::move(batch).answer());
}

} // namespace

std::vector<Operation> secretsmanager_value_operations(SecretStore& store, AccessControl& access)
{
    return {on_secret(store, "GetSecretValue", "secretsmanager:GetSecretValue",
                      [&store](Call& call) { return get_secret_value(store, call); }),
            on_secret(store, "PutSecretValue", "secretsmanager:PutSecretValue",
                      [&store](Call& call) { return put_secret_value(store, call); }),
            on_all("BatchGetSecretValue", "secretsmanager:BatchGetSecretValue",
                   [&store, &access](Call& call) {
                       return batch_get_secret_value(store, access, call);
                   })};
}

} // namespace nimbus::local

#include "local/services/answers.h"
#include "local/services/secretsmanager/new_version.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

constexpr std::int64_t most_versions_a_page = 100;

[[noreturn]] void throw_invalid(const std::string& message)
{
    throw secrets_error("InvalidParameterException", message);
}

json::object list_entry(const SecretVersion& version)
{
    json::object entry{
        {"VersionId", version.id},
        {"CreatedDate", epoch_seconds(version.created)},
        {"KmsKeyIds", json::array{version.kms_key_id.empty() ? "DefaultEncryptionKey"
                                                             : version.kms_key_id.c_str()}}};
    if (!version.stages.empty())
        entry["VersionStages"] = json::array(version.stages.begin(), version.stages.end());
    if (version.accessed)
        entry["LastAccessedDate"] = epoch_seconds(*version.accessed);
    return entry;
}

http::Response list_secret_version_ids(SecretStore& store, Call& call)
{
    auto secret = need_secret(store, call);
    if (!input_of(call).boolean("IncludeDeprecated").value_or(false))
        std::erase_if(secret.versions,
                      [](const SecretVersion& version) { return version.stages.empty(); });
    const auto page = page_of(call, secret.versions.size(), most_versions_a_page);
    json::array versions;
    for (auto i = page.first; i < page.last; ++i)
        versions.push_back(list_entry(secret.versions[i]));
    auto body = identity(secret);
    body["Versions"] = std::move(versions);
    page.add_token(body);
    return json_1_1_answer(body);
}

/// What UpdateSecretVersionStage is asked to do.
struct Move {
    std::string stage;
    std::optional<std::string> from;
    std::optional<std::string> to;
};

Move move_of(const Call& call)
{
    const auto input = input_of(call);
    auto stage = text_of(input, "VersionStage", 1, 256);
    if (!stage)
        input.refuse("1 validation error detected: Value null at 'versionStage' failed to satisfy "
                     "constraint: Member must not be null");
    return {.stage = std::move(*stage),
            .from = text_of(input, "RemoveFromVersionId", 32, 64),
            .to = text_of(input, "MoveToVersionId", 32, 64)};
}

void check_move(const Secret& secret, const Move& move)
{
    for (const auto& id : {move.from, move.to})
        if (id && secret.find_version(*id) == nullptr)
            throw_invalid("Not a valid version: " + *id);
    const auto* const holder = secret.version_with_stage(move.stage);
    if (move.from && (holder == nullptr || holder->id != *move.from))
        throw_invalid("Version stage " + move.stage + " not found in version " + *move.from);
    if (!move.from && !move.to)
        throw_invalid("You must provide RemoveFromVersionId, MoveToVersionId or both.");
    if (!move.from && holder != nullptr && holder->id != *move.to)
        throw_invalid("The parameter RemoveFromVersionId can't be empty. Staging label " +
                      move.stage + " is currently attached to version " + holder->id +
                      ", so you must explicitly reference that version in RemoveFromVersionId.");
    if (!move.to && move.stage == stage_current)
        throw_invalid("You can only move staging label AWSCURRENT to a different secret version. "
                      "It can’t be completely removed.");
}

http::Response update_secret_version_stage(SecretStore& store, Call& call)
{
    const auto move = move_of(call);
    return store.database().transaction([&] {
        auto secret = need_live_secret(store, call);
        check_move(secret, move);
        if (move.to)
            secret.move_stage(move.stage, *move.to);
        else
            secret.find_version(*move.from)->remove_stage(move.stage);
        check_stage_count(secret);
        secret.changed = store.now();
        store.put(secret);
        return json_1_1_answer(identity(secret));
    });
}

} // namespace

std::vector<Operation> secretsmanager_version_operations(SecretStore& store)
{
    return {on_secret(store, "ListSecretVersionIds", "secretsmanager:ListSecretVersionIds",
                      [&store](Call& call) { return list_secret_version_ids(store, call); }),
            on_secret(store, "UpdateSecretVersionStage", "secretsmanager:UpdateSecretVersionStage",
                      [&store](Call& call) { return update_secret_version_stage(store, call); })};
}

} // namespace nimbus::local

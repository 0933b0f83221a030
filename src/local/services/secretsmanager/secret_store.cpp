#include "local/services/secretsmanager/secret_store.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/random.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/secretsmanager/secrets_error.h"

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr char text_mark = 't';
constexpr char binary_mark = 'b';
constexpr std::string_view suffix_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string key_of(const Secret& secret)
{
    return secret.region + "/" + secret.name;
}

void put_time(json::object& document, std::string_view member, std::optional<SystemTime> time)
{
    if (time)
        document[member] = to_unix_milliseconds(*time);
}

std::optional<SystemTime> time_member(const json::object& document, std::string_view member)
{
    if (const auto milliseconds = integer_member(document, member))
        return from_unix_milliseconds(*milliseconds);
    return std::nullopt;
}

json::object to_json(const SecretVersion& version)
{
    json::object document{{"id", version.id},
                          {"kmsKeyId", version.kms_key_id},
                          {"stages", json::array(version.stages.begin(), version.stages.end())}};
    put_time(document, "created", version.created);
    put_time(document, "accessed", version.accessed);
    return document;
}

SecretVersion version_from_json(const json::object& document)
{
    SecretVersion version{.id = string_or_empty(document, "id"),
                          .created = time_member(document, "created").value_or(SystemTime{}),
                          .accessed = time_member(document, "accessed"),
                          .kms_key_id = string_or_empty(document, "kmsKeyId")};
    if (const auto* stages = array_member(document, "stages"))
        for (const auto& stage : *stages)
            version.add_stage(std::string(stage.as_string()));
    return version;
}

json::object to_json(const Secret& secret)
{
    json::array versions;
    for (const auto& version : secret.versions)
        versions.push_back(to_json(version));
    json::object document{{"region", secret.region},
                          {"name", secret.name},
                          {"arn", secret.arn},
                          {"description", secret.description},
                          {"kmsKeyId", secret.kms_key_id},
                          {"tags", map_to_json(secret.tags)},
                          {"versions", std::move(versions)}};
    put_time(document, "created", secret.created);
    put_time(document, "changed", secret.changed);
    put_time(document, "accessed", secret.accessed);
    put_time(document, "deletionDate", secret.deletion_date);
    return document;
}

Secret from_json(const json::object& document)
{
    Secret secret{.region = string_or_empty(document, "region"),
                  .name = string_or_empty(document, "name"),
                  .arn = string_or_empty(document, "arn"),
                  .description = string_or_empty(document, "description"),
                  .kms_key_id = string_or_empty(document, "kmsKeyId"),
                  .created = time_member(document, "created").value_or(SystemTime{}),
                  .changed = time_member(document, "changed").value_or(SystemTime{}),
                  .accessed = time_member(document, "accessed"),
                  .deletion_date = time_member(document, "deletionDate")};
    if (const auto* tags = object_member(document, "tags"))
        for (const auto& [key, value] : *tags)
            secret.tags[key] = std::string(value.as_string());
    if (const auto* versions = array_member(document, "versions"))
        for (const auto& version : *versions)
            secret.versions.push_back(version_from_json(version.as_object()));
    return secret;
}

} // namespace

SecretStore::SecretStore(sqlite::Database& database, std::string account_id,
                         std::filesystem::path key_file, Clock clock)
    : database_(database), account_id_(std::move(account_id)), clock_(std::move(clock)),
      secrets_(database, "secretsmanager_secrets"), key_(database, std::move(key_file))
{
}

std::string SecretStore::arn(const std::string& region, const std::string& rest) const
{
    return Arn{.service = "secretsmanager",
               .region = region,
               .account = account_id_,
               .resource = "secret:" + rest}
        .to_string();
}

std::optional<Secret> SecretStore::unless_gone(const std::string& key, const json::object& document)
{
    auto secret = from_json(document);
    if (!secret.deletion_date || clock_() < *secret.deletion_date)
        return secret;
    database_.transaction([&] {
        // Another thread may have restored it meanwhile.
        const auto now = secrets_.find(key);
        if (now && time_member(*now, "deletionDate") == secret.deletion_date)
            erase(secret);
    });
    return std::nullopt;
}

std::optional<Secret> SecretStore::find(const std::string& region, const std::string& id)
{
    const auto prefix = arn(region, "");
    const auto is_arn = id.starts_with("arn:");
    if (is_arn && !id.starts_with(prefix))
        return std::nullopt;
    const auto tail = is_arn ? id.substr(prefix.size()) : id;
    // A name may itself end like an ARN does: the full ARN goes first.
    if (constexpr std::size_t suffix = 7; is_arn && tail.size() > suffix) {
        const auto key = region + "/" + tail.substr(0, tail.size() - suffix);
        if (const auto document = secrets_.find(key);
            document && string_or_empty(*document, "arn") == id)
            return unless_gone(key, *document);
    }
    const auto key = region + "/" + tail;
    const auto document = secrets_.find(key);
    return document ? unless_gone(key, *document) : std::nullopt;
}

std::vector<Secret> SecretStore::list(const std::string& region)
{
    std::vector<Secret> result;
    for (const auto& [key, document] : secrets_.list(region + "/"))
        if (auto secret = unless_gone(key, document))
            result.push_back(std::move(*secret));
    return result;
}

Secret SecretStore::make(std::string region, std::string name) const
{
    const auto now = clock_();
    auto full = arn(region, name + "-" + random_text(6, suffix_alphabet));
    return {.region = std::move(region),
            .name = std::move(name),
            .arn = std::move(full),
            .created = now,
            .changed = now};
}

void SecretStore::put(const Secret& secret)
{
    secrets_.put(key_of(secret), to_json(secret));
}

void SecretStore::erase(const Secret& secret)
{
    database_.transaction([&] {
        database_.execute("DELETE FROM secretsmanager_values WHERE secret = ?", {secret.arn});
        secrets_.erase(key_of(secret));
    });
}

void SecretStore::put_value(const Secret& secret, const std::string& version_id,
                            const SecretValue& value)
{
    const auto mark = value.kind == SecretValue::Kind::text ? text_mark : binary_mark;
    database_.transaction([&] {
        std::string encrypted;
        try {
            encrypted = key_.proven_cipher().encrypt(mark + value.bytes,
                                                     associated_data(secret.arn, version_id));
        } catch (const Error& error) {
            throw secrets_error("EncryptionFailure", sentences_of(error));
        }
        database_.execute("INSERT INTO secretsmanager_values (secret, version, encrypted) "
                          "VALUES (?, ?, ?)",
                          {secret.arn, version_id, base64_encode(encrypted)});
    });
}

SecretValue SecretStore::value(const Secret& secret, const std::string& version_id)
{
    return database_.transaction([&] {
        const auto row = database_.query_one("SELECT encrypted FROM secretsmanager_values "
                                             "WHERE secret = ? AND version = ?",
                                             {secret.arn, version_id});
        std::optional<std::string> plain;
        try {
            if (const auto encrypted = row ? base64_decode(row->text(0)) : std::nullopt)
                plain = key_.cipher().decrypt(*encrypted, associated_data(secret.arn, version_id));
        } catch (const Error& error) {
            throw secrets_error("DecryptionFailure", sentences_of(error));
        }
        if (!plain || plain->empty())
            throw secrets_error("DecryptionFailure",
                                "Secrets Manager can't decrypt version " + version_id +
                                    " of secret " + secret.name + " with the key " +
                                    key_.file().string() +
                                    ": the value is damaged, or was encrypted with another key.");
        return SecretValue{.kind = plain->front() == binary_mark ? SecretValue::Kind::binary
                                                                 : SecretValue::Kind::text,
                           .bytes = plain->substr(1)};
    });
}

void SecretStore::erase_value(const Secret& secret, const std::string& version_id)
{
    database_.execute("DELETE FROM secretsmanager_values WHERE secret = ? AND version = ?",
                      {secret.arn, version_id});
}

} // namespace nimbus::local

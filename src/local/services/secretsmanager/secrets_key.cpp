#include "local/services/secretsmanager/secrets_key.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"

#include <optional>
#include <utility>

namespace nimbus::local {
namespace {

constexpr mode_t key_file_mode = 0600;
constexpr const char* way_out =
    "Put it back from a backup, or delete the secrets and create them again.";

bool has_values(sqlite::Database& database)
{
    return database.query_one("SELECT 1 FROM secretsmanager_values LIMIT 1").has_value();
}

/// Of the file's content; empty: none.
std::string fault_of(const std::filesystem::path& file, const std::optional<std::string>& key)
{
    if (!key)
        return "The key " + file.string() +
               " is gone, and the values of this home's secrets are encrypted with it";
    if (key->size() != crypto::Aes256Gcm::key_bytes)
        return "The key " + file.string() + " is damaged: it has " + std::to_string(key->size()) +
               " bytes instead of " + std::to_string(crypto::Aes256Gcm::key_bytes);
    return {};
}

/// One value is enough: a single one may be damaged itself.
bool decrypts_any(const crypto::Aes256Gcm& cipher, sqlite::Database& database)
{
    std::int64_t last = 0;
    while (const auto row =
               database.query_one("SELECT secret, version, encrypted, rowid FROM "
                                  "secretsmanager_values WHERE rowid > ? ORDER BY rowid LIMIT 1",
                                  {last})) {
        const auto encrypted = base64_decode(row->text(2));
        if (encrypted && cipher.decrypt(*encrypted, associated_data(row->text(0), row->text(1))))
            return true;
        last = row->integer(3);
    }
    return false;
}

std::string wrong_key(const std::filesystem::path& file)
{
    return "The key " + file.string() +
           " decrypts none of the values of this home's secrets: they were encrypted with another";
}

} // namespace

std::string associated_data(std::string_view secret_arn, std::string_view version_id)
{
    return std::string(secret_arn) + "\n" + std::string(version_id);
}

SecretsKey::SecretsKey(sqlite::Database& database, std::filesystem::path file)
    : database_(database), file_(std::move(file))
{
    database_.execute_script("CREATE TABLE IF NOT EXISTS secretsmanager_values (secret TEXT NOT "
                             "NULL, version TEXT NOT NULL, encrypted TEXT NOT NULL, "
                             "PRIMARY KEY (secret, version)) STRICT");
}

const crypto::Aes256Gcm& SecretsKey::cipher()
{
    if (cipher_)
        return *cipher_;
    auto key = read_file_if_exists(file_);
    if (const auto fault = fault_of(file_, key); !fault.empty()) {
        if (has_values(database_))
            throw Error(fault, way_out);
        key = random_bytes(crypto::Aes256Gcm::key_bytes);
        write_file(file_, *key, key_file_mode);
    }
    cipher_ = std::make_unique<const crypto::Aes256Gcm>(*key);
    return *cipher_;
}

const crypto::Aes256Gcm& SecretsKey::proven_cipher()
{
    const auto& cipher = this->cipher();
    if (!is_proven_ && has_values(database_) && !decrypts_any(cipher, database_))
        throw Error(wrong_key(file_), way_out);
    is_proven_ = true;
    return cipher;
}

std::string fault_of_secrets(sqlite::Database& database, const std::filesystem::path& file)
{
    const bool has_table =
        database.query_one("SELECT 1 FROM sqlite_master WHERE name = 'secretsmanager_values'")
            .has_value();
    if (!has_table || !has_values(database))
        return {};
    try {
        const auto key = read_file_if_exists(file);
        auto fault = fault_of(file, key);
        if (fault.empty() && !decrypts_any(crypto::Aes256Gcm(*key), database))
            fault = wrong_key(file);
        return fault;
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace nimbus::local

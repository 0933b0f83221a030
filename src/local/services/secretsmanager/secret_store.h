#pragma once

#include "local/services/secretsmanager/secret.h"
#include "local/services/secretsmanager/secrets_key.h"
#include "sqlite/document_table.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

/// What a version holds.
struct SecretValue {
    enum class Kind { text, binary };

    Kind kind = Kind::text;
    std::string bytes;

    bool operator==(const SecretValue&) const = default;
};

/// Secrets, and their values in a table of their own, encrypted with a key that the home keeps in a
/// file: AES-256-GCM, with the secret's ARN and the version's id as associated data, so that a
/// value cannot be moved to another place either. A secret whose deletion date has come is gone.
/// Thread-safe.
class SecretStore {
public:
    /// Reads the key file when a value is first written or read, and makes it (mode 0600) when
    /// there is none and no value that another key may have encrypted.
    SecretStore(sqlite::Database& database, std::string account_id, std::filesystem::path key_file,
                Clock clock);

    /// By name, ARN or partial ARN (without the six random characters).
    std::optional<Secret> find(const std::string& region, const std::string& id);
    /// By name.
    std::vector<Secret> list(const std::string& region);
    /// A new secret of that name with an ARN and a date; it is not stored.
    Secret make(std::string region, std::string name) const;
    void put(const Secret& secret);
    /// With its values.
    void erase(const Secret& secret);

    /// Throws ServiceError EncryptionFailure when there is no key to be had.
    void put_value(const Secret& secret, const std::string& version_id, const SecretValue& value);
    /// Throws ServiceError DecryptionFailure when the key or the value is not there or damaged, or
    /// the key is another home's.
    SecretValue value(const Secret& secret, const std::string& version_id);
    void erase_value(const Secret& secret, const std::string& version_id);

    /// arn:aws:secretsmanager:<region>:<account>:secret:<rest>
    std::string arn(const std::string& region, const std::string& rest) const;
    SystemTime now() const { return clock_(); }
    sqlite::Database& database() noexcept { return database_; }

private:
    /// The secret if it is still there.
    std::optional<Secret> unless_gone(const std::string& key, const json::object& document);

    sqlite::Database& database_;
    std::string account_id_;
    Clock clock_;
    sqlite::DocumentTable secrets_; ///< by region and name
    SecretsKey key_;                ///< used in transactions only
};

} // namespace nimbus::local

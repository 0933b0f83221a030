#pragma once

#include "crypto/aes_gcm.h"
#include "sqlite/database.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace nimbus::local {

/// The key of a home's secrets: a file beside the database, whose table of values it encrypts. Read
/// when it is first needed. Used in transactions only, which lock.
class SecretsKey {
public:
    /// Makes the table when there is none.
    SecretsKey(sqlite::Database& database, std::filesystem::path file);

    const std::filesystem::path& file() const noexcept { return file_; }

    /// To decrypt. Makes a new key (mode 0600) where there is none, or a damaged one, and no value
    /// that needs it. Throws Error when it is missing or damaged otherwise.
    const crypto::Aes256Gcm& cipher();
    /// To encrypt: it decrypts what is there already, so that all values need the same key. Throws
    /// Error, also when none of them can be decrypted.
    const crypto::Aes256Gcm& proven_cipher();

private:
    sqlite::Database& database_;
    std::filesystem::path file_;
    std::unique_ptr<const crypto::Aes256Gcm> cipher_;
    bool is_proven_ = false;
};

/// What binds a value to its place.
std::string associated_data(std::string_view secret_arn, std::string_view version_id);

/// Why the values of a home's secrets cannot be decrypted, as a sentence without its full stop;
/// empty when one can be, or when there is none. Writes nothing.
std::string fault_of_secrets(sqlite::Database& database, const std::filesystem::path& file);

} // namespace nimbus::local

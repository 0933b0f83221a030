#pragma once

#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

/// The labels that Secrets Manager moves itself.
inline constexpr const char* stage_current = "AWSCURRENT";
inline constexpr const char* stage_previous = "AWSPREVIOUS";
inline constexpr const char* stage_pending = "AWSPENDING";

/// One value of a secret, without the value.
struct SecretVersion {
    std::string id; ///< the ClientRequestToken that made it
    SystemTime created;
    std::optional<SystemTime> accessed; ///< to the day
    std::string kms_key_id;             ///< as the secret had it then; empty: AWS's own key
    std::vector<std::string> stages;    ///< sorted; without any, the version is deprecated

    bool has_stage(const std::string& stage) const;
    void add_stage(const std::string& stage);
    void remove_stage(const std::string& stage);
};

struct Secret {
    std::string region;
    std::string name;
    std::string arn; ///< ends in six random characters, kept for the secret's life
    std::string description;
    std::string kms_key_id; ///< empty: AWS's own key
    std::map<std::string, std::string> tags;
    SystemTime created;
    SystemTime changed;
    std::optional<SystemTime> accessed;      ///< to the day
    std::optional<SystemTime> deletion_date; ///< set while it is scheduled for deletion
    std::vector<SecretVersion> versions;     ///< in the order in which they were made

    /// Null when there is none.
    SecretVersion* find_version(const std::string& id);
    const SecretVersion* find_version(const std::string& id) const;
    SecretVersion* version_with_stage(const std::string& stage);
    const SecretVersion* version_with_stage(const std::string& stage) const;

    /// Takes the stage from the version that has it and gives it to `version`. With AWSCURRENT, the
    /// version that loses it becomes AWSPREVIOUS.
    void move_stage(const std::string& stage, const std::string& version_id);

    /// Adds a version with these stages. The first one becomes AWSCURRENT in any case. One that
    /// takes over AWSCURRENT ends a rotation: its predecessor loses AWSPENDING.
    void add_version(SecretVersion version, const std::vector<std::string>& stages);

    /// Removes the deprecated versions that Secrets Manager no longer keeps, the oldest first, and
    /// returns their ids: beyond 100 versions, what is older than a day. Source: Secrets Manager
    /// API Reference, PutSecretValue.
    std::vector<std::string> remove_old_versions(SystemTime now);

    std::size_t stage_count() const;
};

} // namespace nimbus::local

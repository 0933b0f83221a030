#pragma once

#include "base/time.h"
#include "local/iam/access_control.h"
#include "sqlite/document_table.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::iam {

using Tags = std::map<std::string, std::string>;

/// A user or a role.
struct Identity {
    enum class Kind { user, role };

    Kind kind = Kind::role;
    std::string name;
    std::string path = "/";
    std::string id; ///< AIDA… or AROA…
    std::string arn;
    SystemTime created;
    std::map<std::string, std::string> inline_policies; ///< name to document
    std::vector<std::string> attached_policies;         ///< ARNs
    Tags tags;
    // Roles only:
    std::string description;
    std::string trust_policy;
    int max_session_seconds = 3600;
    /// ARN of the managed policy that limits what the role's own allow; empty: none does.
    std::string permissions_boundary;
};

/// What the paths of roles begin with that belong to services.
inline constexpr std::string_view service_linked_path = "/aws-service-role/";

/// A customer-managed policy with its one version, or an AWS-managed one.
struct ManagedPolicy {
    std::string name;
    std::string path = "/";
    std::string id; ///< ANPA…
    std::string arn;
    std::string description;
    std::string document;
    SystemTime created;
    Tags tags;
};

/// A user's long-term key, or the administrator's, whose `user` is empty.
struct UserKey {
    std::string access_key_id;
    std::string secret_access_key;
    std::string user;
    SystemTime created;
    bool active = true;
};

/// What an assumed role's session is known by.
struct Session {
    AccessKey key;
    std::string session_name;
};

/// The identities of one account. Thread-safe. Names compare without case, as in IAM, where two
/// roles cannot differ in case alone.
class IdentityStore {
public:
    IdentityStore(sqlite::Database& database, std::string account_id, Clock clock);

    std::optional<Identity> find(Identity::Kind kind, const std::string& name);
    /// By the identity's own ARN.
    std::optional<Identity> find_by_arn(const std::string& arn);
    void put(const Identity& identity);
    bool erase(Identity::Kind kind, const std::string& name);
    std::vector<Identity> list(Identity::Kind kind);
    /// Fills in id, arn and creation time.
    Identity make(Identity::Kind kind, std::string name, std::string path) const;

    /// AWS's own policies are known by their ARN.
    std::optional<ManagedPolicy> find_policy(const std::string& arn);
    void put_policy(const ManagedPolicy& policy);
    bool erase_policy(const std::string& arn);
    std::vector<ManagedPolicy> list_policies();
    /// AWS's own.
    std::vector<ManagedPolicy> list_aws_policies() const;
    ManagedPolicy make_policy(std::string name, std::string path) const;
    std::size_t attachment_count(const std::string& policy_arn);
    /// How many roles it is the permissions boundary of.
    std::size_t boundary_count(const std::string& policy_arn);

    std::optional<UserKey> find_key(const std::string& access_key_id);
    void put_key(const UserKey& key);
    bool erase_key(const std::string& access_key_id);
    std::vector<UserKey> keys_of(const std::string& user);
    UserKey make_key(std::string user) const;

    /// Who calls in a session of the role.
    Principal session_principal(const Identity& role, const std::string& session_name) const;
    /// Makes temporary credentials for the role and keeps them until a day after they expire.
    AccessKey open_session(const Identity& role, const std::string& session_name,
                           std::chrono::seconds duration);
    std::optional<AccessKey> find_session(const std::string& access_key_id);

    const std::string& account_id() const noexcept { return account_id_; }
    SystemTime now() const { return clock_(); }
    sqlite::Database& database() noexcept { return database_; }

private:
    sqlite::DocumentTable& table(Identity::Kind kind);
    /// `resource`: the kind, then path and name, as in user/path/name.
    std::string arn_of(std::string resource) const;

    sqlite::Database& database_;
    std::string account_id_;
    Clock clock_;
    sqlite::DocumentTable users_;
    sqlite::DocumentTable roles_;
    sqlite::DocumentTable policies_;
    sqlite::DocumentTable keys_;
    sqlite::DocumentTable sessions_;
};

} // namespace nimbus::local::iam

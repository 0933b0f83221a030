#pragma once

#include "aws/client.h"
#include "aws/ops/secretsmanager/secrets.h"
#include "deploy/deploy.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::cli {

/// The most that Secrets Manager keeps as a value, in bytes.
inline constexpr std::size_t longest_secret = 65'536;

/// A secret of a deployment, by the name that the program gives it.
struct NamedSecret {
    std::string name;
    aws::secretsmanager::Secret secret;
};

/// The secrets of one deployment in Secrets Manager: those named <project>/<stage>/<name> that
/// carry the deployment's tags. A deploy takes over what is made here, and the other way round.
/// Functions throw Error.
class SecretStore {
public:
    /// What became of a secret whose value was set.
    enum class Change { created, changed, unchanged };

    SecretStore(const aws::Client& client, const deploy::DeploymentId& deployment)
        : client_(client), deployment_(deployment)
    {
    }

    /// Nothing if there is none. Throws Error when something of somebody else has its name.
    std::optional<aws::secretsmanager::Secret> find(const std::string& name) const;
    /// As `find`, but throws Error when there is none.
    aws::secretsmanager::Secret need(const std::string& name) const;
    /// As `need`, but throws Error also when its value cannot be read: it has none, or is
    /// scheduled for deletion.
    aws::secretsmanager::Secret need_readable(const std::string& name) const;
    /// By name; also those that are scheduled for deletion.
    std::vector<NamedSecret> list() const;

    /// Bytes that are UTF-8 become a text. `found` is what `find` gave. One that is scheduled
    /// for deletion is restored.
    Change set(const std::string& name, const std::optional<aws::secretsmanager::Secret>& found,
               const std::string& value) const;
    std::string value_of(const aws::secretsmanager::Secret& secret) const;
    /// Returns when it will be deleted: at the end of the recovery window, or `at_once`.
    std::optional<SystemTime> remove(const aws::secretsmanager::Secret& secret, bool at_once) const;

private:
    std::string full_name(const std::string& name) const;
    aws::Tags tags_of(const std::string& name) const;
    void create(const std::string& name, const std::string& value) const;
    bool has_value(const aws::secretsmanager::Secret& secret, const std::string& value) const;

    const aws::Client& client_;
    const deploy::DeploymentId& deployment_;
};

} // namespace nimbus::cli

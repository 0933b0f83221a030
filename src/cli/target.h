#pragma once

#include "aws/client.h"
#include "aws/ops/sts/identity.h"
#include "cli/local_process.h"
#include "cli/progress.h"
#include "cli/target_settings.h"
#include "deploy/deploy.h"

#include <chrono>
#include <memory>
#include <string>

namespace nimbus::cli {

/// With an answer of the local cloud's services; what may take longer says so itself.
inline constexpr std::chrono::seconds local_patience{40};

/// As the local cloud's administrator, who waits that long for the answer of a call.
std::unique_ptr<aws::Client> make_local_client(const local::HomeSettings& cloud,
                                               const std::string& region,
                                               std::chrono::seconds patience = local_patience);

/// A client, and who calls with it.
struct AwsCaller {
    std::unique_ptr<aws::Client> client;
    aws::sts::GetCallerIdentity::Response identity;
};

/// As the environment and AWS's files say. A person who is there is asked for an MFA code where one
/// is needed, before this returns (`progress`, if given, makes room for it) and never later. Throws
/// Error when there are no credentials, or they are refused.
AwsCaller sign_in_to_aws(const std::string& region, Progress* progress);

/// The local cloud, started if it does not run (`progress`, if given, is told).
local::HomeSettings running_local_cloud(const local::Home& home, Progress* progress);

/// A target, reached like a pointer's, and the client that its calls go through: one value owns
/// both.
class OpenTarget {
public:
    /// Starts the local cloud when the target is local and it does not run (`progress`, if given,
    /// is told). Throws Error when there are no credentials, or they are refused.
    static OpenTarget open(const TargetSettings& settings, const std::string& region,
                           Progress* progress);
    /// The target by name only, for what asks nobody: its client has no credentials that anybody
    /// takes. `account`: an account ID, or a placeholder for one.
    static OpenTarget unreached(const TargetSettings& settings, const std::string& region,
                                const std::string& account);

    const deploy::Target& operator*() const noexcept { return *target_; }
    const deploy::Target* operator->() const noexcept { return target_.get(); }

private:
    static OpenTarget to_local(const std::string& region, Progress* progress);
    static OpenTarget to_aws(const TargetSettings& settings, const std::string& region,
                             Progress* progress);

    std::unique_ptr<aws::Client> client_;
    std::unique_ptr<deploy::Target> target_;
};

} // namespace nimbus::cli

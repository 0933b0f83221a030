#pragma once

#include "aws/client.h"
#include "cli/local_process.h"
#include "cli/progress.h"
#include "cli/target_settings.h"
#include "deploy/deploy.h"

#include <memory>
#include <string>

namespace nimbus::cli {

/// As the local cloud's administrator.
std::unique_ptr<aws::Client> make_local_client(const local::HomeSettings& cloud,
                                               const std::string& region);

/// A target with what its calls need, as one value that owns it all.
class Connection {
public:
    /// Starts the local cloud when the target is local and it does not run (`progress`, if given,
    /// is told). Throws Error when there are no credentials, or they are refused.
    static Connection open(const TargetSettings& settings, const std::string& region,
                           Progress* progress);

    const deploy::Target& target() const noexcept { return *target_; }

private:
    static Connection to_local(const std::string& region, Progress* progress);
    static Connection to_aws(const TargetSettings& settings, const std::string& region,
                             Progress* progress);

    std::unique_ptr<aws::Client> client_;
    std::unique_ptr<deploy::Target> target_;
};

} // namespace nimbus::cli

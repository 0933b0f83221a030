#pragma once

#include "aws/client.h"
#include "cli/progress.h"
#include "deploy/deploy.h"
#include "http/client.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace nimbus::cli {

/// .nimbusrc: where to deploy to.
struct TargetSettings {
    enum class Kind { local, aws };

    Kind kind = Kind::local;
    std::string bucket;         ///< aws only
    std::string region;         ///< aws only: the bucket's
    std::filesystem::path file; ///< where this was read; empty: nowhere, it is the default
};

/// The .nimbusrc of `directory`, else that of the home directory, else `local`. Throws UsageError
/// that names file and field when it is wrong.
TargetSettings read_target_settings(const std::filesystem::path& directory);
/// The JSON text of .nimbusrc.
std::string to_json(const TargetSettings& settings);

/// A target with what its calls need, as one value that owns it all.
class Connection {
public:
    /// Starts the local cloud when the target is local and it does not run (`progress`, if given,
    /// is told). Throws Error when there are no credentials, or they are refused.
    static Connection open(const TargetSettings& settings, const std::string& region,
                           Progress* progress);

    const deploy::Target& target() const noexcept { return *target_; }

private:
    std::unique_ptr<aws::Client> client_;
    std::unique_ptr<deploy::Target> target_;
};

} // namespace nimbus::cli

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

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
/// Of a .nimbusrc's text; `file` is for messages.
TargetSettings parse_target_settings(const std::filesystem::path& file, std::string_view text);
/// The text of a .nimbusrc.
std::string to_json(const TargetSettings& settings);

/// "" when the names can be a Region's and a general purpose bucket's (S3 User Guide, "Bucket
/// naming rules"), else what is wrong.
std::string region_mistake(std::string_view region);
std::string bucket_mistake(std::string_view bucket);

} // namespace nimbus::cli

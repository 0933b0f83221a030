#pragma once

#include "base/hosts_file.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace nimbus::cli {

/// `text`, which a hosts file holds, with `names` as the block of the local cloud in `home`. The
/// block stands between two comments that name the home, at the end when it is new, and is left out
/// when there are no names. All other lines stay as they are. Throws Error when the block has a
/// beginning and no end.
std::string with_names(std::string_view text, const std::filesystem::path& home,
                       const HostAddresses& names);

/// Does `text` have a block of that cloud?
bool has_block(std::string_view text, const std::filesystem::path& home);

/// Those of `names` that `text` does not have with their addresses.
HostAddresses missing_names(std::string_view text, const HostAddresses& names);

} // namespace nimbus::cli

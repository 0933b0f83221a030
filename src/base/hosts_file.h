#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Names and addresses of hosts, in the form of hosts(5).
namespace nimbus {

/// Each name, in lower case, with its address.
using HostAddresses = std::map<std::string, std::string, std::less<>>;

/// A name that the text has several times keeps its first address, as with the system's resolver.
HostAddresses parse_hosts(std::string_view text);

/// A line a name.
std::string hosts_lines(const HostAddresses& hosts);

/// The address that `file` has for `host`, whose case does not matter. Nothing when there is no
/// such file, or no file (an empty path). Throws Error when the file cannot be read.
std::optional<std::string> find_host(const std::filesystem::path& file, std::string_view host);

} // namespace nimbus

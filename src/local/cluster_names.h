#pragma once

#include "base/hosts_file.h"
#include "base/mutex.h"
#include "local/home.h"

#include <filesystem>
#include <string>

namespace nimbus::local {

/// The host names of the clusters, as files of the home for everybody who has to find them.
/// Thread-safe.
class ClusterNames {
public:
    /// Functions find the names before the lines of `system_hosts`.
    explicit ClusterNames(const Home& home, std::filesystem::path system_hosts = "/etc/hosts");

    /// Writes the home's hosts file, and that of the functions. Throws Error.
    void set(const HostAddresses& names);

    /// The file that a function that starts now is to find at /etc/hosts. Written anew when the
    /// names or the system's file have changed; functions that run see it if they are in a sandbox,
    /// and keep the one they had if not. Throws Error.
    std::filesystem::path functions_hosts();

private:
    void write_functions_file() NIMBUS_REQUIRES(mutex_);

    const std::filesystem::path file_;
    const std::filesystem::path functions_file_;
    const std::filesystem::path system_hosts_;
    Mutex mutex_;
    std::string names_ NIMBUS_GUARDED_BY(mutex_); ///< in the form of hosts(5)
    std::string written_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::local

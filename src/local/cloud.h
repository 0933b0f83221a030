#pragma once

#include "base/json.h"
#include "base/log_line.h"
#include "local/home.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local {

struct CloudOptions {
    Home home;
    /// Of the AWS endpoint. Unset: the one of the last time, else a free one, which is remembered.
    std::optional<std::uint16_t> port;
    LogLevel log_level = LogLevel::info;
    bool sandbox = true;                ///< functions are contained, as far as the system allows it
    std::filesystem::path postgres_bin; ///< empty: where PostgreSQL usually is
    std::filesystem::path postgres_template; ///< empty: below the home
};

/// Runs a local cloud until the process gets SIGTERM or SIGINT: the composition of all rooms of
/// src/local. `ready` is called once, when the endpoint answers. Returns after an orderly stop;
/// throws Error when it cannot start (a port in use, another process that runs the same home, …).
/// Call it before the process has other threads: it takes the signals over.
void run_cloud(const CloudOptions& options, const std::function<void()>& ready);

/// The major version of PostgreSQL that a new cluster runs on. Throws Error where none is
/// installed, or not in that directory (empty: where it usually is).
int installed_postgres(const std::filesystem::path& bin_directory);

/// The major version of PostgreSQL that runs a cluster; nothing before its first start.
std::optional<int> postgres_version_of(const Home& home, const std::string& cluster_id);

/// What programs find missing in a cluster that this version runs, and what to do; empty for
/// DSQL's.
std::string remark_on_postgres(int version);

/// What a function finds in its environment beside Lambda's own variables: where AWS is, where
/// libnimbus and Node look for the clusters' names, and whom to trust.
std::map<std::string, std::string> function_environment(const Home& home,
                                                        const HomeSettings& settings);

/// A module for `node --require` that lets a program find clusters by their names, as functions
/// find them. It is written into the home when it is not there.
std::filesystem::path node_host_names_module(const Home& home);

/// How the functions of the cloud that runs in this home are contained. An object with `on`,
/// `reason` (why not, or null), and of the limits that hold: `processLimit`, `processLimitOf`
/// ("instance" or "all instances"), `memoryBy`; `hostsFile`: do functions
/// have one of their own?
json::object sandbox_of(const Home& home);
/// The `reason` for CloudOptions::sandbox being false.
inline constexpr std::string_view asked_for_no_sandbox = "--no-sandbox was asked for";

/// http://127.0.0.1:<port>
std::string endpoint_of(const HomeSettings& settings);

} // namespace nimbus::local

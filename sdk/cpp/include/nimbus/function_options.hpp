#pragma once

#include <chrono>
#include <map>
#include <nimbus/resource_names.hpp>
#include <optional>
#include <string>
#include <vector>

namespace nimbus {

/// A statement of the function's IAM policy, beside those for the resources that it uses:
///
///     {.action = {"s3:GetObject"}, .resource = {"arn:aws:s3:::reports/*"}}
struct permission {
    std::string effect = "Allow"; ///< or "Deny"
    std::vector<std::string> action{};
    std::vector<std::string> resource{};

    bool operator==(const permission&) const = default;
};

/// For function_options::log_retention: what the function writes never expires.
inline constexpr auto infinite_retention = std::chrono::days::max();

/// How a function is set up.
struct function_options {
    /// Of a route: the name of a function that all routes with this name share; letters, digits,
    /// dashes and underscores. The other options belong to that function: a route may leave them
    /// out, and two must not differ in one. By default a function of the route's own.
    std::string function{};
    std::optional<int> memory{}; ///< the former name of memory_size; give one of the two
    /// Megabytes, 128 to 10,240; by default 256. CPU grows with it.
    std::optional<int> memory_size{};
    /// Seconds, 1 to 900; by default 30. An API's gateway gives up after 30.
    std::optional<int> timeout{};
    std::map<std::string, std::string> environment{};
    /// The databases and secrets that the function may use; by default all.
    resource_names uses = std::nullopt;
    std::vector<permission> permissions{};
    std::string description{};
    /// "x86_64" or "arm64"; empty: the application's.
    std::string architecture{};
    /// How long CloudWatch Logs keeps what the function writes: 1, 3, 5, 7, 14, 30, 60, 90, … days,
    /// as it allows, or infinite_retention. By default the application's; where that says nothing,
    /// 30 for a new function, and an existing one keeps what it has.
    std::optional<std::chrono::days> log_retention{};
};

} // namespace nimbus

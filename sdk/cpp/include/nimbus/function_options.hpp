#pragma once

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
};

/// How a function is set up.
struct function_options {
    std::optional<int> memory{}; ///< the former name of memory_size; give one of the two
    /// Megabytes, 128 to 10,240; by default 256. CPU grows with it.
    std::optional<int> memory_size{};
    int timeout = 30; ///< seconds, 1 to 900; an API's gateway gives up after 30
    std::map<std::string, std::string> environment{};
    /// The databases and secrets that the function may use; by default all.
    resource_names uses = std::nullopt;
    std::vector<permission> permissions{};
    std::string description{};
};

} // namespace nimbus

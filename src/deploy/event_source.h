#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nimbus::deploy {

/// Something that calls a function.
struct EventSource {
    std::string function; ///< as declared
    std::string name;     ///< for people, unique: "web GET /users/{id}"

    /// What a service needs that calls by its own name: a statement in the function's resource
    /// policy. Services that assume a role have the permission there.
    struct Permission {
        std::string principal;               ///< apigateway.amazonaws.com
        std::string source_arn;              ///< on whose behalf; may hold placeholders
        std::vector<std::string> depends_on; ///< keys
    };
    std::optional<Permission> permission;
};

} // namespace nimbus::deploy

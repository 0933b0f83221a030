#pragma once

#include "deploy/policy.h"

#include <map>
#include <string>
#include <vector>

namespace nimbus::deploy {

struct Application;

/// What a function gets that uses something.
struct Link {
    std::map<std::string, std::string> environment; ///< may hold placeholders
    std::vector<Statement> statements;              ///< of the function's role
    std::vector<std::string> depends_on;            ///< keys
    /// Keys of what lets the function's role in, beyond the statements. It depends on the role.
    std::vector<std::string> grants;
};

/// The links of everything that `uses` names, as one, for functions of the role node `role`. Throws
/// Error when nothing has such a name: a bug of the front end.
Link links_of(const Application& application, const std::vector<std::string>& uses,
              const std::string& role);

/// The names of all that functions may use.
std::vector<std::string> usable_names(const Application& application);

} // namespace nimbus::deploy

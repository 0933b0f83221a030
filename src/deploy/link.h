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
};

/// The links of everything that `uses` names, as one. Throws Error when nothing has such a name: a
/// bug of the front end.
Link links_of(const Application& application, const std::vector<std::string>& uses);

/// The names of all that functions may use.
std::vector<std::string> usable_names(const Application& application);

} // namespace nimbus::deploy

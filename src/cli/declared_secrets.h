#pragma once

#include "cli/deployment.h"

#include <string>
#include <vector>

/// `nimbus secret set` and `import` make secrets of any name: the program may get to declare them.
/// A mistyped name looks the same, so they say what the program does not declare.
namespace nimbus::cli {

/// What is said of a secret that is not among those that the program declares.
std::string undeclared_note(const std::string& name, const std::vector<std::string>& declared);

/// Says it of each of `names` that is declared neither by what is deployed nor by this directory's
/// application, which is built for that. Says nothing where there is neither.
void note_undeclared(const std::vector<std::string>& names, const DeploymentOfProgram& opened,
                     const DeploymentOptions& options, Progress& progress);

} // namespace nimbus::cli

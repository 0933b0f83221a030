#pragma once

#include "base/json.h"
#include "deploy/deploy.h"

#include <string>

/// How results look on standard output.
namespace nimbus::cli {

/// `deploy --json` without `changes`: project, stage, region, target, and a list for each kind of
/// resource.
json::object to_json(const deploy::Outputs& outputs, const std::string& target);
json::object to_json(const deploy::Changes& changes);

/// The same for people: as each kind of resource puts it.
std::string describe(const deploy::Outputs& outputs, const std::string& target);
/// "3 created, 1 deleted, 12 unchanged"; "nothing" when there is nothing to tell.
std::string describe(const deploy::Changes& changes);

/// One JSON object, indented.
void print_json(const json::object& document);

} // namespace nimbus::cli

#pragma once

#include "base/json.h"
#include "manifest/manifest.h"
#include "manifest/problems.h"

#include <optional>
#include <string>

namespace nimbus::manifest {

class ObjectReader;

struct FunctionReading {
    Function function;
    bool has_uses; ///< says itself what it uses
};

/// One element of `functions`.
FunctionReading read_function(const json::value& value, const std::string& path,
                              Problems& problems);

/// The field logRetention of an application or a function: days that CloudWatch Logs allows, or
/// infinite_retention. None when it is absent, or refused.
std::optional<int> read_log_retention(ObjectReader& reader);

} // namespace nimbus::manifest

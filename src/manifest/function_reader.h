#pragma once

#include "base/json.h"
#include "manifest/manifest.h"
#include "manifest/problems.h"

#include <string>

namespace nimbus::manifest {

struct FunctionReading {
    Function function;
    bool has_uses; ///< says itself what it uses
};

/// One element of `functions`.
FunctionReading read_function(const json::value& value, const std::string& path,
                              Problems& problems);

} // namespace nimbus::manifest

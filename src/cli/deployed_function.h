#pragma once

#include "deploy/kinds/function/output.h"
#include "deploy/outputs.h"

#include <string>

namespace nimbus::cli {

/// The function that `name` means, as the program or as AWS calls it. Throws UsageError, which
/// lists those that there are, for any other name.
deploy::function::FunctionOutput deployed_function(const deploy::Outputs& outputs,
                                                   const std::string& name);

} // namespace nimbus::cli

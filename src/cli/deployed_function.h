#pragma once

#include "deploy/deploy.h"

#include <string>

namespace nimbus::cli {

/// The function that `name` means, as the program or as AWS calls it. Throws UsageError, which
/// lists those that there are, for any other name.
deploy::Outputs::Function deployed_function(const deploy::Outputs& outputs,
                                            const std::string& name);

} // namespace nimbus::cli

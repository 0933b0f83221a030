#include "cli/deployed_function.h"

#include "base/error.h"
#include "base/text.h"
#include "manifest/problems.h"

#include <vector>

namespace nimbus::cli {

deploy::function::FunctionOutput deployed_function(const deploy::Outputs& outputs,
                                                   const std::string& name)
{
    std::vector<std::string> names;
    const auto functions =
        outputs.of<deploy::function::FunctionOutput>(deploy::function::kind_name);
    for (const auto& function : functions) {
        if (function.name == name || function.arn.ends_with(":" + name))
            return function;
        names.push_back(function.name);
    }
    const auto guess = manifest::suggestion(name, {names.begin(), names.end()});
    throw UsageError("There is no function '" + name + "' in " + outputs.deployment.project + guess,
                     names.empty() ? "It has none."
                                   : "Its functions are: " + join(names, ", ") + ".");
}

} // namespace nimbus::cli

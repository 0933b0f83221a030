#include "aws/environment.h"

#include <cstdlib>
#include <utility>

namespace nimbus::aws {

Environment process_environment()
{
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0')
            return {};
        return value;
    };
}

Environment fixed_environment(std::map<std::string, std::string> variables)
{
    return
        [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found == variables.end() || found->second.empty())
                return {};
            return found->second;
        };
}

std::string expand_home(std::string path, const Environment& environment)
{
    if (path.starts_with("~/"))
        path.replace(0, 1, environment("HOME").value_or(""));
    return path;
}

} // namespace nimbus::aws

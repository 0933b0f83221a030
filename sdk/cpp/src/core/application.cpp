#include "core/application.h"

#include <algorithm>

namespace nimbus::detail {

Function& Application::add_function(std::string name, function_options settings,
                                    const std::source_location& declared)
{
    const auto wanted = name;
    for (int suffix = 2; find_function(name); ++suffix)
        name = wanted + '-' + std::to_string(suffix);
    functions_.push_back({std::move(name), std::move(settings), declared});
    return functions_.back();
}

const Function* Application::find_function(std::string_view name) const noexcept
{
    const auto found = std::ranges::find(functions_, name, &Function::name);
    return found == functions_.end() ? nullptr : &*found;
}

} // namespace nimbus::detail

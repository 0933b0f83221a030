#include "core/application.h"

#include <algorithm>

namespace nimbus::detail {

Function& Application::add_function(std::string name, FunctionDeclaration declaration)
{
    const auto wanted = name;
    for (int suffix = 2; find_function(name); ++suffix)
        name = wanted + '-' + std::to_string(suffix);
    functions_.push_back({.name = std::move(name)});
    functions_.back().declarations.push_back(std::move(declaration));
    return functions_.back();
}

Function& Application::share_function(const std::string& name, FunctionDeclaration declaration)
{
    auto shared = std::ranges::find_if(functions_, [&](const Function& function) {
        return function.is_shared && function.name == name;
    });
    if (shared == functions_.end()) {
        functions_.push_back({.name = name, .is_shared = true});
        shared = functions_.end() - 1;
    }
    shared->declarations.push_back(std::move(declaration));
    return *shared;
}

const Function* Application::find_function(std::string_view name) const noexcept
{
    const auto found = std::ranges::find(functions_, name, &Function::name);
    return found == functions_.end() ? nullptr : &*found;
}

} // namespace nimbus::detail

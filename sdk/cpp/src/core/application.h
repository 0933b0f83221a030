#pragma once

#include "core/invocation.h"
#include "core/kind.h"
#include "core/trigger.h"

#include <concepts>
#include <memory>
#include <nimbus/app_options.hpp>
#include <nimbus/function_options.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::detail {

/// What the program says of a function in one place.
struct FunctionDeclaration {
    std::string subject; ///< what is declared there: "the route GET /users"
    function_options options;
    std::source_location place;
};

/// One Lambda function of the application.
struct Function {
    std::string name;       ///< Lambda's Handler
    bool is_shared = false; ///< the program gave it its name, by which several may share it
    std::vector<FunctionDeclaration> declarations{};        ///< at least one
    std::vector<std::unique_ptr<const Trigger>> triggers{}; ///< what calls it
};

/// What the program has declared: the one value behind app and the handles that it gives out.
/// Declared by one thread, before run; afterwards nothing in it changes but the invocation.
class Application {
public:
    Application() = default;
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    app_options options;
    std::source_location place;

    /// The declarations of kind K, which has none at first.
    template <std::derived_from<Kind> K>
    K& kind()
    {
        for (const auto& known : kinds_)
            if (auto* found = dynamic_cast<K*>(known.get()))
                return *found;
        kinds_.push_back(std::make_unique<K>());
        return static_cast<K&>(*kinds_.back());
    }
    const std::vector<std::unique_ptr<Kind>>& kinds() const noexcept { return kinds_; }

    /// A function with the given name, or, where that is taken, with a number behind it. Valid
    /// until the next one is added.
    Function& add_function(std::string name, FunctionDeclaration declaration);
    /// The function that the program calls `name`: one for all that share it. Valid until the next
    /// one is added. Where another function has that name, there are two of it, which describe
    /// refuses.
    Function& share_function(const std::string& name, FunctionDeclaration declaration);
    /// Nothing when there is none of that name.
    const Function* find_function(std::string_view name) const noexcept;
    const std::vector<Function>& functions() const noexcept { return functions_; }

    const std::shared_ptr<CurrentInvocation>& invocation() const noexcept { return invocation_; }

private:
    std::vector<std::unique_ptr<Kind>> kinds_; ///< in the order of their first declarations
    std::vector<Function> functions_;
    std::shared_ptr<CurrentInvocation> invocation_ = std::make_shared<CurrentInvocation>();
};

} // namespace nimbus::detail

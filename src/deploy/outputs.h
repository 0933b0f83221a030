#pragma once

#include "base/described.h"
#include "base/json.h"
#include "deploy/target.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy {

/// One deployed thing that a program declares: an API with its URL, a database with its endpoint.
struct Output {
    std::string kind; ///< the kind's name
    std::string name; ///< as declared
    std::string id;   ///< in AWS: an id, an identifier or an ARN
    /// All that `--json` prints of it, name and id included.
    json::object members;

    /// As the struct that its kind made it of. Throws Error when a member is of another type.
    template <described::Described T>
    T as() const
    {
        return described::from_json<T>(members, kind + ' ' + name);
    }

    bool operator==(const Output&) const = default;
};

/// What is deployed, in the order of kinds and declarations.
struct Outputs {
    DeploymentId deployment;
    std::vector<Output> items;

    /// Those of one kind, as the struct that the kind made them of. Throws Error when a member is
    /// of another type: the state was damaged.
    template <described::Described T>
    std::vector<T> of(std::string_view kind) const
    {
        std::vector<T> found;
        for (const auto& item : items)
            if (item.kind == kind)
                found.push_back(item.as<T>());
        return found;
    }

    bool operator==(const Outputs&) const = default;
};

/// A kind's `check_output`.
template <described::Described T>
void check_output(const Output& output)
{
    output.as<T>();
}

struct Application;
struct State;

/// What the application's kinds say of what the state has.
Outputs outputs_of(const Application& application, const State& state);

} // namespace nimbus::deploy

#include "deploy/outputs.h"

#include "deploy/kind.h"

namespace nimbus::deploy {

Outputs outputs_of(const Application& application, const State& state)
{
    Outputs outputs{.deployment = application.deployment()};
    for (const auto& kind : application.kinds) {
        if (kind.outputs == nullptr)
            continue;
        for (auto& members : kind.outputs(application, state))
            outputs.items.push_back({.kind = std::string(kind.name),
                                     .name = string_or_empty(members, "name"),
                                     .id = string_or_empty(members, kind.id_member),
                                     .members = std::move(members)});
    }
    return outputs;
}

} // namespace nimbus::deploy

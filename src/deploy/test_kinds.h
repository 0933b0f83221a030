#pragma once

#include "deploy/kind.h"

/// For tests of the core: types of resources that are nowhere.
namespace nimbus::deploy::testing_kinds {

inline std::vector<std::string> differences(const json::object& wanted, const Observed& observed)
{
    return compare_inputs(wanted, observed.inputs);
}

inline ResourceType type(std::string_view name, Leaving leaving = Leaving::removes)
{
    return {.name = name, .leaving = leaving, .differences = differences};
}

/// box, lid (a part of a box), log (stays until destroy), store (keeps its data) and safe (asks
/// before it goes).
inline const Kinds& kinds()
{
    static const Kinds all(
        {{.name = "box",
          .list = "boxes",
          .id_member = "serial",
          .types = {type("box"), type("lid"), type("log", Leaving::stays)}},
         {.name = "store",
          .list = "stores",
          .id_member = "id",
          .types = {type("store", Leaving::keeps_data), type("safe", Leaving::asks)}}});
    return all;
}

} // namespace nimbus::deploy::testing_kinds

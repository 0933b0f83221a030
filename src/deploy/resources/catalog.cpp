#include "deploy/resources/catalog.h"

#include <array>

namespace nimbus::deploy {

std::span<const ResourceType> resource_types()
{
    static const std::array types{
        cluster_type(),  artifact_type(), log_group_type(),  role_type(),  schema_type(),
        function_type(), api_type(),      permission_type(), route_type(), stage_type(),
    };
    return types;
}

} // namespace nimbus::deploy

#pragma once

#include "deploy/resource.h"

namespace nimbus::deploy {

// One function per file of this folder; catalog.cpp lists them.
ResourceType api_type();
ResourceType artifact_type();
ResourceType cluster_type();
ResourceType function_type();
ResourceType log_group_type();
ResourceType permission_type();
ResourceType role_type();
ResourceType route_type();
ResourceType schema_type();
ResourceType stage_type();

} // namespace nimbus::deploy

#include "local/instances/runtimes.h"

namespace nimbus::local {

Runtimes custom_runtimes()
{
    const Runtime bootstrap{.arguments = {"{code}/bootstrap"}, .directory = "/var/runtime"};
    return {{"provided.al2023", bootstrap}, {"provided.al2", bootstrap}};
}

} // namespace nimbus::local

#include "local/instances/runtimes.h"

namespace nimbus::local {

Runtimes custom_runtimes()
{
    const Runtime bootstrap{.arguments = {"{code}/bootstrap"}, .directory = "/var/runtime"};
    return {{"provided.al2023", bootstrap}, {"provided.al2", bootstrap}};
}

Runtimes lambda_runtimes()
{
    auto runtimes = custom_runtimes();
    for (const std::string name : {"nodejs20.x", "nodejs22.x", "nodejs24.x"})
        runtimes[name] = {.arguments = {"node", "--use-openssl-ca", "{code}/index.js"},
                          .directory = "/var/runtime",
                          .execution_environment = "AWS_Lambda_" + name};
    return runtimes;
}

} // namespace nimbus::local

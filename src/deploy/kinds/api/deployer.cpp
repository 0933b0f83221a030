#include "deploy/kinds/api/deployer.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "deploy/kind.h"
#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/http_api.h"

namespace nimbus::deploy::api {

std::vector<Statement> deployer_statements(const Application& application)
{
    if (application.manifest.declared.of<Api>().empty() && !is_recorded<HttpApi>(application))
        return {};
    // AWS gives an API its id, so the policy cannot name it. `tags`: by the ARN of what has them.
    const auto arn_of_path = [&](std::string_view path) {
        return Arn{.partition = aws::partition_of(application.target.region),
                   .service = "apigateway",
                   .region = application.target.region,
                   .resource = std::string(path)}
            .to_string();
    };
    return {
        {.actions = {"apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST"},
         .resources = {arn_of_path("/apis"), arn_of_path("/apis/*"), arn_of_path("/tags/*")},
         .id = "Apis"}};
}

} // namespace nimbus::deploy::api

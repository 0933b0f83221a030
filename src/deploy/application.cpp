#include "deploy/application.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "deploy/world.h"

namespace nimbus::deploy {

std::string arn_of(const Target& target, std::string_view service, std::string_view resource)
{
    return Arn{.partition = aws::partition_of(target.region),
               .service = std::string(service),
               .region = target.region,
               .account = target.account_id,
               .resource = std::string(resource)}
        .to_string();
}

aws::Tags tags_of(const DeploymentId& deployment, std::string_view type, std::string_view name)
{
    return {{std::string(project_tag), deployment.project},
            {std::string(stage_tag), deployment.stage},
            {std::string(resource_tag), std::string(type) + '/' + std::string(name)}};
}

aws::Tags tags_of(const Application& application, std::string_view type, std::string_view name)
{
    return tags_of(application.deployment(), type, name);
}

} // namespace nimbus::deploy

#include "local/services/sts/sts_service.h"

namespace nimbus::local {

std::vector<InputMembers> sts_inputs()
{
    return {
        {"AssumeRole",
         "RoleArn RoleSessionName PolicyArns.arn Policy DurationSeconds ExternalId",
         {}},
        {"GetCallerIdentity", "", {}},
    };
}

} // namespace nimbus::local

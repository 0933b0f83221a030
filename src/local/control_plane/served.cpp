#include "local/control_plane/served.h"

#include "local/services/apigateway/apigateway_service.h"
#include "local/services/dsql/dsql_service.h"
#include "local/services/iam/iam_service.h"
#include "local/services/lambda/lambda_service.h"
#include "local/services/logs/logs_service.h"
#include "local/services/s3/s3_service.h"
#include "local/services/scheduler/scheduler_service.h"
#include "local/services/secretsmanager/secretsmanager_service.h"
#include "local/services/sts/sts_service.h"

namespace nimbus::local {

std::vector<ServedService> served_services()
{
    return {
        {"apigatewayv2", apigateway_inputs()},
        {"dsql", dsql_inputs()},
        {"iam", iam_inputs()},
        {"lambda", lambda_inputs()},
        {"logs", logs_inputs()},
        {"s3", s3_inputs()},
        {"scheduler", scheduler_inputs()},
        {"secretsmanager", secretsmanager_inputs()},
        {"sts", sts_inputs()},
    };
}

} // namespace nimbus::local

#include "local/services/catalog.h"

#include "local/services/iam_service.h"
#include "local/services/sts_service.h"

namespace nimbus::local {

std::vector<Service> make_catalog(const Stores& stores)
{
    return {
        make_sts_service(stores.identities, stores.access),
        make_iam_service(stores.identities),
        make_s3_service(stores.objects, stores.access),
        make_lambda_service(stores.lambda),
        make_apigateway_service(stores.apis),
        make_dsql_service(stores.clusters),
        make_logs_service(stores.logs, stores.settle_logs),
    };
}

} // namespace nimbus::local

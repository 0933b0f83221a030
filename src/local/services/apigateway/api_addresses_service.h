#pragma once

#include "local/services/apigateway/api_store.h"

namespace nimbus::local {

/// Where HTTP APIs are, for `nimbus local status`, which is no service of AWS's: GET /api-addresses
/// answers {"apis": [{"id", "name", "region", "endpoint", "ownPort"}]} of all Regions. An API is
/// elsewhere than at its own port while another program has that. `store` outlives the service.
Service make_api_addresses_service(ApiStore& store);

} // namespace nimbus::local

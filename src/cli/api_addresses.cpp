#include "cli/api_addresses.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::cli {

aws::Encoded GetApiAddresses::encode() const
{
    return aws::rest_request("GET", "/api-addresses");
}

GetApiAddresses::Response GetApiAddresses::decode(const http::Response& response)
{
    return aws::body_of(response).at("apis").as_array();
}

bool is_elsewhere(const json::object& api)
{
    const auto own_port = std::to_string(api.at("ownPort").to_number<unsigned>());
    return !string_or_empty(api, "endpoint").ends_with(':' + own_port);
}

} // namespace nimbus::cli

#include "local/services/apigateway/api_addresses_service.h"

#include "local/services/answers.h"

namespace nimbus::local {
namespace {

json::object document_of(ApiStore& store)
{
    json::array apis;
    for (const auto& [id, name, region, endpoint, own_port] : store.addresses())
        apis.push_back(json::object{{"id", id},
                                    {"name", name},
                                    {"region", region},
                                    {"endpoint", endpoint},
                                    {"ownPort", own_port}});
    return {{"apis", std::move(apis)}};
}

} // namespace

Service make_api_addresses_service(ApiStore& store)
{
    return {.signing_name = "nimbus-api-addresses",
            .protocol = Protocol::rest_json,
            .operations = {
                {.name = "GetApiAddresses",
                 .method = "GET",
                 .path = "/api-addresses",
                 .action = "nimbus:GetApiAddresses",
                 .answer = Answer([&store](Call&) { return json_answer(document_of(store)); })},
            }};
}

} // namespace nimbus::local

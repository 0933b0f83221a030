#include "local/services/requests/requests_service.h"

#include "local/services/answers.h"

namespace nimbus::local {
namespace {

json::object document_of(const AnsweredRequests& requests)
{
    json::array list;
    for (const auto& [invocation_id, status] : requests.list())
        list.push_back(json::object{{"invocationId", invocation_id}, {"status", status}});
    return {{"requests", std::move(list)}};
}

} // namespace

Service make_requests_service(const std::shared_ptr<const AnsweredRequests>& requests)
{
    return {
        .signing_name = "nimbus-requests",
        .protocol = Protocol::rest_json,
        .operations = {
            {.name = "GetRequests",
             .method = "GET",
             .path = "/requests",
             .action = "nimbus:GetRequests",
             .answer = Answer([requests](Call&) { return json_answer(document_of(*requests)); })},
        }};
}

} // namespace nimbus::local

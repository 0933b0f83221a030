#include "cli/answered_requests.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::cli {

aws::Encoded GetRequests::encode() const
{
    return aws::rest_request("GET", "/requests");
}

GetRequests::Response GetRequests::decode(const http::Response& response)
{
    Response statuses;
    const auto body = aws::body_of(response);
    for (const auto& entry : body.at("requests").as_array()) {
        const auto& request = entry.as_object();
        statuses[std::string(request.at("invocationId").as_string())] =
            request.at("status").to_number<int>();
    }
    return statuses;
}

} // namespace nimbus::cli

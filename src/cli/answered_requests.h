#pragma once

#include "aws/operation.h"

#include <map>
#include <string>

namespace nimbus::cli {

/// Asks the local cloud what its HTTP APIs answered lately; AWS has no such operation.
struct GetRequests {
    static constexpr aws::Service service{"the local cloud",
                                          "nimbus-requests",
                                          "nimbus-requests",
                                          "NIMBUS_REQUESTS",
                                          aws::Protocol::rest_json,
                                          "",
                                          ""};
    static constexpr aws::OperationInfo info{service, "GetRequests", aws::Effect::read};

    using Response = std::map<std::string, int>; ///< statuses of HTTP, by id of the invocation
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::cli

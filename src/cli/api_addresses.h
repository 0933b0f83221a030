#pragma once

#include "aws/operation.h"
#include "base/json.h"

/// Where the HTTP APIs of the running local cloud are, as documents such as
///
///     {"id": "…", "name": "shop", "region": "us-east-1", "endpoint": "http://127.0.0.1:4001",
///      "ownPort": 4000}
namespace nimbus::cli {

/// AWS has no such operation.
struct GetApiAddresses {
    static constexpr aws::Service service{"the local cloud",
                                          "nimbus-api-addresses",
                                          "nimbus-api-addresses",
                                          "NIMBUS_API_ADDRESSES",
                                          aws::Protocol::rest_json,
                                          "",
                                          ""};
    static constexpr aws::OperationInfo info{service, "GetApiAddresses", aws::Effect::read};

    using Response = json::array;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Another program has its port.
bool is_elsewhere(const json::object& api);

} // namespace nimbus::cli

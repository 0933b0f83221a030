#include "aws/ops/lambda/invoke.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/lambda/function_path.h"
#include "base/encoding.h"
#include "base/error.h"

namespace nimbus::aws::lambda {
namespace {

/// A function runs for at most 15 minutes, after it was started.
constexpr std::chrono::minutes longest_run{16};

} // namespace

Encoded Invoke::encode() const
{
    auto request = rest_request("POST", function_path(function_name, "/invocations"));
    request.headers.add("Content-Type", "application/json");
    request.headers.add("X-Amz-Invocation-Type", invocation_type);
    if (tail_logs)
        request.headers.add("X-Amz-Log-Type", "Tail");
    if (invocation_type == "RequestResponse")
        request.total_timeout = longest_run;
    request.body = payload;
    return request;
}

Invoke::Response Invoke::decode(const http::Response& response)
{
    const auto log = base64_decode(response.headers.get("X-Amz-Log-Result"));
    if (!log)
        throw Error("X-Amz-Log-Result in the answer is not base64");
    return {.status_code = response.status,
            .function_error = std::string(response.headers.get("X-Amz-Function-Error")),
            .log_tail = *log,
            .payload = response.body};
}

} // namespace nimbus::aws::lambda

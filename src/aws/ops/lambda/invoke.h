#pragma once

#include "aws/operation.h"

/// Lambda: running a function.
namespace nimbus::aws::lambda {

struct Invoke {
    static constexpr OperationInfo info{services::lambda, "Invoke", Effect::change_once};

    std::string function_name;
    std::string payload;                             ///< JSON text
    std::string invocation_type = "RequestResponse"; ///< or Event, DryRun
    bool tail_logs = false;                          ///< the last 4 KB of its log, please

    struct Response {
        int status_code = 0;        ///< 200; 202 for Event; 204 for DryRun
        std::string function_error; ///< Handled or Unhandled; empty: it returned
        std::string log_tail;
        std::string payload; ///< what it returned, or {"errorMessage": …}
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::lambda

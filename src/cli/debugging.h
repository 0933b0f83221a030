#pragma once

#include "aws/client.h"
#include "aws/operation.h"
#include "deploy/kinds/function/output.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

/// Debugging in the local cloud, which is a service of its own beside AWS's.
namespace nimbus::cli {

inline constexpr aws::Service debugging_service{"the local cloud",
                                                "nimbus-debugging",
                                                "nimbus-debugging",
                                                "NIMBUS",
                                                aws::Protocol::rest_json,
                                                "",
                                                ""};

/// The processes that were started for a debugger, by AWS's name of the function.
struct GetDebugging {
    static constexpr aws::OperationInfo info{debugging_service, "GetDebugging", aws::Effect::read};

    using Response = std::map<std::string, pid_t>;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Has instances of the functions started for a debugger as long as this process runs; no functions
/// end it.
struct PutDebugging {
    static constexpr aws::OperationInfo info{debugging_service, "PutDebugging",
                                             aws::Effect::change};

    std::vector<deploy::function::FunctionOutput> functions;
    /// Of Node's inspector; unset: programs wait for gdb or lldb.
    std::optional<std::uint16_t> inspector_port{};

    using Response = GetDebugging::Response;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What AWS calls a function: the end of its ARN.
std::string aws_name(const deploy::function::FunctionOutput& function);

} // namespace nimbus::cli

#include "cli/debugging.h"

#include "aws/ops/json_protocol.h"

#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr const char* path = "/debugging";

} // namespace

std::string aws_name(const deploy::function::FunctionOutput& function)
{
    return function.arn.substr(function.arn.rfind(':') + 1);
}

aws::Encoded GetDebugging::encode() const
{
    return aws::rest_request("GET", path);
}

GetDebugging::Response GetDebugging::decode(const http::Response& response)
{
    const auto body = aws::body_of(response);
    Response processes;
    for (const auto& [function, process] : body.at("processes").as_object())
        processes.emplace(function, process.to_number<pid_t>());
    return processes;
}

aws::Encoded PutDebugging::encode() const
{
    json::array names;
    for (const auto& function : functions)
        names.emplace_back(aws_name(function));
    json::object document{{"process", ::getpid()}, {"functions", std::move(names)}};
    if (inspector_port)
        document["inspectorPort"] = *inspector_port;
    return aws::rest_request("PUT", path, document);
}

PutDebugging::Response PutDebugging::decode(const http::Response& response)
{
    return GetDebugging::decode(response);
}

} // namespace nimbus::cli

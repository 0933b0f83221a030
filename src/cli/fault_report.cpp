#include "cli/fault_report.h"

#include "aws/client.h"
#include "aws/ops/json_protocol.h"

#include <fmt/core.h>

#include <cstdint>

namespace nimbus::cli {
namespace {

constexpr const char* path = "/faults";

json::object document_of(const http::Response& response)
{
    const auto body = aws::body_of(response);
    json::object document{{"on", !body.at("faults").as_array().empty()}};
    for (const auto& member : body)
        document.insert(member);
    return document;
}

/// What the opportunities for a fault are.
std::string_view events_of(std::string_view fault)
{
    switch (local::fault_named(fault).value()) {
    case local::Fault::conflict:
        return "transactions that changed rows";
    case local::Fault::disconnect:
    case local::Fault::slow_statement:
        return "statements";
    case local::Fault::expired_token:
        return "logins";
    case local::Fault::throttle:
    case local::Fault::cold_start:
        return "invocations";
    }
    return {};
}

} // namespace

aws::Encoded GetFaults::encode() const
{
    return aws::rest_request("GET", path);
}

json::object GetFaults::decode(const http::Response& response)
{
    return document_of(response);
}

aws::Encoded PutFaults::encode() const
{
    return aws::rest_request("PUT", path, local::to_json(settings));
}

json::object PutFaults::decode(const http::Response& response)
{
    return document_of(response);
}

json::object no_faults()
{
    json::object document{{"on", false}};
    for (const auto& member : local::to_json({}))
        document.insert(member);
    return document;
}

std::string faults_sentence(const json::object& document)
{
    const auto settings = local::fault_settings_from_json(document);
    if (settings.is_off())
        return "No faults are injected.";
    return "Faults are injected on demand: " + describe(settings) +
           ". 'nimbus local faults --off' ends them.";
}

std::string injected_fault(const aws::Client& client, std::string_view fault)
{
    try {
        const auto document = client.call(GetFaults{});
        const auto settings = local::fault_settings_from_json(document);
        const auto one = local::fault_named(fault);
        return one && !settings.rate(*one).is_never() ? faults_sentence(document) : "";
    } catch (const Error&) {
        return {};
    }
}

std::string describe_faults(const json::object& document)
{
    auto text = faults_sentence(document) + '\n';
    const auto& faults = document.at("faults").as_array();
    if (!faults.empty())
        text += '\n';
    for (const auto& entry : faults) {
        const auto& fault = entry.as_object();
        const auto name = string_or_empty(fault, "fault");
        text += fmt::format("  {:<16} {} of {} {}\n", name,
                            fault.at("injected").to_number<std::uint64_t>(),
                            fault.at("events").to_number<std::uint64_t>(), events_of(name));
    }
    return text;
}

} // namespace nimbus::cli

#include "local/services/debugging/debugging_service.h"

#include "base/error.h"
#include "local/services/answers.h"

#include <limits>

namespace nimbus::local {
namespace {

json::object document_of(const DebugSessions& sessions)
{
    json::object processes;
    for (const auto& [function, process] : sessions.processes())
        processes[function] = process;
    return {{"processes", std::move(processes)}};
}

ServiceError invalid(const std::string& what)
{
    return {400, "ValidationException", what};
}

/// From 1 to `most`.
std::int64_t number_in(const json::object& input, const char* name, std::int64_t most)
{
    const auto* value = input.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 1 ||
        value->get_int64() > most)
        throw invalid(std::string(name) + " must be a number from 1 to " + std::to_string(most));
    return value->get_int64();
}

DebugSession session_in(const json::object& input)
{
    DebugSession session;
    session.owner = process::identity_of(
        static_cast<pid_t>(number_in(input, "process", std::numeric_limits<pid_t>::max())));
    if (input.contains("inspectorPort"))
        session.mode.inspector_port =
            static_cast<std::uint16_t>(number_in(input, "inspectorPort", 65'535));
    const auto* functions = input.if_contains("functions");
    if (functions == nullptr || !functions->is_array())
        throw invalid("functions must be a list of names");
    for (const auto& function : functions->get_array()) {
        if (!function.is_string())
            throw invalid("functions must be a list of names");
        session.functions.emplace(function.get_string());
    }
    return session;
}

} // namespace

Service make_debugging_service(const std::shared_ptr<DebugSessions>& sessions)
{
    return {
        .signing_name = "nimbus-debugging",
        .protocol = Protocol::rest_json,
        .operations = {
            {.name = "GetDebugging",
             .method = "GET",
             .path = "/debugging",
             .action = "nimbus:GetDebugging",
             .answer = Answer([sessions](Call&) { return json_answer(document_of(*sessions)); })},
            {.name = "PutDebugging",
             .method = "PUT",
             .path = "/debugging",
             .action = "nimbus:PutDebugging",
             .answer = Answer([sessions](Call& call) {
                 sessions->set(session_in(call.input));
                 return json_answer(document_of(*sessions));
             })},
        }};
}

} // namespace nimbus::local

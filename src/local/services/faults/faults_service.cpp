#include "local/services/faults/faults_service.h"

#include "base/error.h"
#include "local/services/answers.h"

namespace nimbus::local {
namespace {

/// The settings with `events` and `injected` in each fault.
json::object document_of(const FaultReport& report)
{
    auto document = to_json(report.settings);
    for (auto& entry : document.at("faults").as_array()) {
        auto& fault = entry.as_object();
        const auto which = *fault_named(std::string(fault.at("fault").as_string()));
        const auto& count = report.counts[static_cast<std::size_t>(which)];
        fault["events"] = count.events;
        fault["injected"] = count.injected;
    }
    return document;
}

http::Response put_faults(FaultInjector& injector, const Log& log, const Call& call)
{
    FaultSettings settings;
    try {
        settings = fault_settings_from_json(call.input);
    } catch (const Error& error) {
        throw ServiceError(400, "ValidationException", error.what());
    }
    injector.set(settings);
    log.info("Faults on demand were changed",
             {{"faults", settings.is_off() ? "off" : describe(settings)}});
    return json_answer(document_of(injector.report()));
}

} // namespace

Service make_faults_service(std::shared_ptr<FaultInjector> injector, Log log)
{
    return {.signing_name = "nimbus",
            .protocol = Protocol::rest_json,
            .operations = {
                {.name = "GetFaults",
                 .method = "GET",
                 .path = "/faults",
                 .action = "nimbus:GetFaults",
                 .answer = Answer(
                     [injector](Call&) { return json_answer(document_of(injector->report())); })},
                {.name = "PutFaults",
                 .method = "PUT",
                 .path = "/faults",
                 .action = "nimbus:PutFaults",
                 .answer = Answer(
                     [injector, log](Call& call) { return put_faults(*injector, log, call); })},
            }};
}

} // namespace nimbus::local

#include "core/serve.h"

#include "base/error.h"
#include "base/text.h"
#include "core/exception_log.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace nimbus::detail {

namespace {

/// Lambda's limit for a synchronous answer: 6 MB (Lambda Developer Guide, "Lambda quotas").
constexpr std::size_t max_answer = 6 * 1024 * 1024;

InvocationOutcome failed(std::string_view message, std::string_view type)
{
    return {false, error_document(message, type), std::string(type)};
}

json::object parse_event(std::string_view payload)
{
    boost::system::error_code failure;
    auto parsed = json::parse(payload, failure);
    if (failure || !parsed.is_object())
        throw json_error("the event is not a JSON object");
    return std::move(parsed.get_object());
}

std::string sources_of(const Function& function)
{
    std::vector<std::string> sources;
    for (const auto& trigger : function.triggers)
        sources.emplace_back(trigger->source());
    return join(sources, " or ");
}

std::unique_ptr<Call> decode(const Function& function, const Invocation& invocation)
{
    auto event = parse_event(invocation.payload);
    const auto trigger = std::ranges::find_if(function.triggers,
                                              [&](const auto& each) { return each->sends(event); });
    if (trigger == function.triggers.end())
        throw json_error("the function " + function.name + " takes events of " +
                         sources_of(function) + "; this event is not one of those");
    return (*trigger)->decode(std::move(event), invocation.context);
}

InvocationOutcome run(Call& call, const logger& log)
{
    try {
        auto payload = call.run();
        if (payload.size() > max_answer)
            return failed("the response is larger than the 6 MB that Lambda takes",
                          "Function.ResponseSizeTooLarge");
        return {true, std::move(payload), {}};
    } catch (const std::exception& failure) {
        log_exception(log, failure, call.subject());
        return failed(failure.what(), type_name(failure));
    } catch (...) {
        constexpr std::string_view message =
            "the handler threw something that is not a std::exception";
        log.error(message, {{"errorType", "unknown"}, call.subject()});
        return failed(message, "unknown");
    }
}

/// X-Ray's SDKs read the header from the environment. The variable is there from the start, and ""
/// when there is no header: other threads may be reading the environment, so it must not grow.
class TraceVariable {
public:
    TraceVariable() { put(); }

    void set(const std::string& value)
    {
        if (value == current_)
            return;
        current_ = value;
        put();
    }

private:
    void put() const { ::setenv("_X_AMZN_TRACE_ID", current_.c_str(), 1); }

    std::string current_;
};

} // namespace

InvocationOutcome handle_invocation(const Application& application, const Function& function,
                                    const Invocation& invocation)
{
    application.invocation()->begin(invocation.context);
    const logger log(invocation.context.request_id);
    try {
        const auto call = decode(function, invocation);
        return run(*call, log);
    } catch (const json_error& failure) {
        log.error(failure.what());
        return failed(failure.what(), "Runtime.InvalidEvent");
    }
}

int serve(const Application& application, const std::string& runtime_api,
          const std::string& handler)
{
    // A connection that its server has closed is an error to handle, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        RuntimeClient client(runtime_api);
        const auto* function = application.find_function(handler);
        if (function == nullptr) {
            const auto mistake =
                "_HANDLER names \"" + handler + "\", and the program has no such function";
            std::fprintf(stderr, "%s\n", mistake.c_str());
            client.report_init_error(mistake, "Runtime.InvalidApplication");
            return 1;
        }
        TraceVariable trace;
        auto invocation = client.next();
        for (;;) {
            trace.set(invocation.context.trace_id);
            const auto outcome = handle_invocation(application, *function, invocation);
            invocation = client.report_and_next(invocation.context.request_id, outcome);
        }
    } catch (const Error& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}

} // namespace nimbus::detail

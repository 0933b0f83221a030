#include "serve.h"

#include "base/error.h"
#include "event.h"

#include <boost/core/demangle.hpp>

#include <cstdio>
#include <cstdlib>
#include <typeinfo>

namespace nimbus {

namespace {

/// Lambda's limit for a synchronous answer: 6 MB (Lambda Developer Guide, "Lambda quotas").
constexpr std::size_t max_answer = 6 * 1024 * 1024;

InvocationOutcome failed(std::string_view message, std::string_view type)
{
    return {false, error_document(message, type), std::string(type)};
}

std::string type_name(const std::exception& exception)
{
    return boost::core::demangle(typeid(exception).name());
}

void log_exception(const request& req, std::string_view message, std::string_view type)
{
    req.log().error(message,
                    {{"errorType", type},
                     {"route", std::string(req.method()) + ' ' + std::string(req.path())}});
}

const detail::route_declaration* find_function(const detail::app_state& state,
                                               std::string_view name)
{
    for (const auto& api : state.apis)
        for (const auto& route : api.routes)
            if (route.function == name)
                return &route;
    return nullptr;
}

/// X-Ray's SDKs read the header from the environment.
class TraceVariable {
public:
    void set(const std::string& value)
    {
        if (value == current_)
            return;
        if (value.empty())
            ::unsetenv("_X_AMZN_TRACE_ID");
        else
            ::setenv("_X_AMZN_TRACE_ID", value.c_str(), 1);
        current_ = value;
    }

private:
    std::string current_;
};

} // namespace

response answer_request(const detail::app_state& state, const detail::route_declaration& route,
                        const request& req)
{
    try {
        return route.handler(req);
    } catch (const http_error& expected) {
        return error(expected.status(), expected.what());
    } catch (const std::exception& failure) {
        if (!state.error_handler)
            throw;
        log_exception(req, failure.what(), type_name(failure));
        return state.error_handler(failure, req);
    }
}

InvocationOutcome handle_invocation(const detail::app_state& state,
                                    const detail::route_declaration& route,
                                    const Invocation& invocation)
{
    std::shared_ptr<detail::event> event;
    try {
        event = decode_event(invocation.payload);
    } catch (const json_error& failure) {
        logger(invocation.request_id).error(failure.what());
        return failed(failure.what(), "Runtime.InvalidEvent");
    }
    event->invocation_id = invocation.request_id;
    event->trace_id = invocation.trace_id;
    event->deadline = invocation.deadline;
    const request req(event);
    for (const auto& database : state.sql)
        database.link->set_deadline(invocation.deadline);

    try {
        auto payload = encode_response(answer_request(state, route, req), event->format_2);
        if (payload.size() > max_answer)
            return failed("the response is larger than the 6 MB that Lambda takes",
                          "Function.ResponseSizeTooLarge");
        return {true, std::move(payload), {}};
    } catch (const std::exception& failure) {
        const auto type = type_name(failure);
        log_exception(req, failure.what(), type);
        return failed(failure.what(), type);
    } catch (...) {
        log_exception(req, "the handler threw something that is not a std::exception", "unknown");
        return failed("the handler threw something that is not a std::exception", "unknown");
    }
}

int serve(const detail::app_state& state, const std::string& runtime_api,
          const std::string& handler)
{
    try {
        RuntimeClient client(runtime_api);
        const auto* function = find_function(state, handler);
        if (function == nullptr) {
            const auto mistake =
                "_HANDLER names \"" + handler + "\", and the program has no such function";
            std::fprintf(stderr, "%s\n", mistake.c_str());
            client.report_init_error(mistake, "Runtime.InvalidApplication");
            return 1;
        }
        const auto& route = *function;
        TraceVariable trace;
        auto invocation = client.next();
        for (;;) {
            trace.set(invocation.trace_id);
            const auto outcome = handle_invocation(state, route, invocation);
            invocation = client.report_and_next(invocation.request_id, outcome);
        }
    } catch (const Error& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}

} // namespace nimbus

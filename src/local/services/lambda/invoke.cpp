#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/lambda/client_context.h"
#include "local/services/lambda/lambda_service.h"

namespace nimbus::local {
namespace {

using namespace lambda_api;

/// Source: AWS Lambda Developer Guide, "Lambda quotas".
constexpr std::size_t most_payload_bytes = 6'291'556;
constexpr std::size_t most_event_bytes = 1'048'576;

/// `context`: what the call itself is.
void require_permission(AccessControl& access, const Principal& caller,
                        const FunctionRecord& record, ConditionContext context)
{
    context.merge(resource_tags(record.tags));
    const auto decision = access.authorize(caller, "lambda:InvokeFunction", record.function->arn,
                                           context, record.policy());
    if (!decision.allowed)
        throw ServiceError(403, "AccessDeniedException", decision.explanation);
}

void check_payload(std::string& payload, bool is_event)
{
    const auto limit = is_event ? most_event_bytes : most_payload_bytes;
    if (payload.size() > limit)
        throw ServiceError(413, "RequestTooLargeException",
                           std::to_string(payload.size()) + " byte payload is too large for the " +
                               (is_event ? "Event" : "RequestResponse") +
                               " invocation type (limit " + std::to_string(limit) + " bytes)",
                           {{"Type", "User"}});
    if (trim(payload).empty()) {
        payload = "{}";
        return;
    }
    try {
        static_cast<void>(parse_json(payload, "the payload"));
    } catch (const Error& error) {
        throw ServiceError(400, "InvalidRequestContentException",
                           std::string("Could not parse request body into json: ") + error.what(),
                           {{"Type", "User"}});
    }
}

http::Response to_response(InvocationResult result, bool with_log)
{
    using Kind = InvocationResult::Kind;
    if (result.kind == Kind::throttled)
        return json_error({429,
                           "TooManyRequestsException",
                           "Rate Exceeded.",
                           {{"Reason", "ConcurrentInvocationLimitExceeded"}, {"Type", "User"}}},
                          Protocol::rest_json);
    if (result.kind == Kind::unavailable)
        return json_error({500, "ServiceException", result.payload, {{"Type", "Service"}}},
                          Protocol::rest_json);
    http::Response response{
        .headers = {{"content-type", "application/json"}, {"x-amz-executed-version", "$LATEST"}},
        .body = std::move(result.payload)};
    if (result.kind != Kind::success)
        response.headers.set("x-amz-function-error", "Unhandled");
    if (with_log)
        response.headers.set("x-amz-log-result", base64_encode(result.log_tail));
    return response;
}

void invoke(const LambdaParts& parts, Call& call, http::Responder respond)
{
    const auto record = need_function(parts.functions, call);
    require_permission(parts.access, call.caller, *record, condition_context(call));
    const auto& headers = call.request.headers;
    const auto type =
        std::string(headers.find("x-amz-invocation-type").value_or("RequestResponse"));
    if (type == "DryRun") {
        respond(no_content());
        return;
    }
    if (type != "RequestResponse" && type != "Event")
        throw_invalid("1 validation error detected: Value '" + type +
                      "' at 'invocationType' failed to satisfy constraint: Member must satisfy "
                      "enum value set: [Event, RequestResponse, DryRun]");
    check_payload(call.request.body, type == "Event");
    auto context = client_context(headers.get("x-amz-client-context"));
    if (type == "Event") { // which has no client context: Lambda passes it on at once or not at all
        parts.events.put(*record->function, call.request.body, call.request_id);
        respond(no_content(202));
        return;
    }
    auto* invoker = parts.invoker.load();
    if (invoker == nullptr)
        throw ServiceError(500, "ServiceException", "The local cloud is still starting.");
    const auto with_log = iequals(headers.get("x-amz-log-type"), "Tail");
    invoker->invoke(record->function, std::move(call.request.body),
                    {.request_id = call.request_id, .client_context = std::move(context)},
                    [respond = std::move(respond), with_log](InvocationResult result) mutable {
                        respond(to_response(std::move(result), with_log));
                    });
}

} // namespace

void LambdaEventInvoker::invoke_event(const Principal& caller, const std::string& function_arn,
                                      std::string payload)
{
    const auto record = functions_.find_arn(function_arn);
    if (!record)
        throw ServiceError(404, "ResourceNotFoundException", "Function not found: " + function_arn);
    require_permission(access_, caller, *record, {});
    check_payload(payload, true);
    events_.put(*record->function, payload, {});
}

std::vector<Operation> lambda_invoke_operations(const LambdaParts& parts)
{
    // Authorized by the operation itself: the function's resource policy counts too.
    return {{.name = "Invoke",
             .method = "POST",
             .path = "/2015-03-31/functions/{FunctionName}/invocations",
             .body = Body::blob,
             .answer = LaterAnswer([parts](Call& call, http::Responder respond) {
                 invoke(parts, call, std::move(respond));
             })}};
}

} // namespace nimbus::local

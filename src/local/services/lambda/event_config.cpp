#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/lambda/lambda_service.h"

namespace nimbus::local {
namespace {

using namespace lambda_api;

constexpr std::string_view validation = "ValidationException";

json::object describe(const FunctionRecord& record)
{
    const auto& config = *record.event_invoke_config;
    json::object body{{"FunctionArn", record.function->arn + ":$LATEST"},
                      {"LastModified", epoch_seconds(config.modified)},
                      {"DestinationConfig",
                       json::object{{"OnSuccess", json::object{}}, {"OnFailure", json::object{}}}}};
    if (config.maximum_retry_attempts)
        body["MaximumRetryAttempts"] = *config.maximum_retry_attempts;
    if (config.maximum_event_age)
        body["MaximumEventAgeInSeconds"] = config.maximum_event_age->count();
    return body;
}

void refuse_destination(const Input& input, std::string_view name)
{
    const auto* destinations = input.object("DestinationConfig");
    if (destinations == nullptr)
        return;
    const auto* one = Input(*destinations, validation).object(name);
    if (one != nullptr && Input(*one, validation).has("Destination"))
        throw_invalid("The local cloud sends events to no destinations: leave out " +
                      std::string(name) + ".");
}

void require_config(const FunctionRecord& record)
{
    if (!record.event_invoke_config)
        throw ServiceError(404, "ResourceNotFoundException",
                           "The function " + record.function->arn +
                               ":$LATEST doesn't have an EventInvokeConfig",
                           {{"Type", "User"}});
}

/// What the request leaves out is as it was in `present`.
EventInvokeConfig read_config(const LambdaParts& parts, const Call& call, EventInvokeConfig present)
{
    const Input input(call.input, validation);
    refuse_destination(input, "OnSuccess");
    refuse_destination(input, "OnFailure");
    if (const auto attempts = input.integer("MaximumRetryAttempts", 0, 2))
        present.maximum_retry_attempts = static_cast<int>(*attempts);
    if (const auto age = input.integer("MaximumEventAgeInSeconds", 60, 21'600))
        present.maximum_event_age = std::chrono::seconds(*age);
    present.modified = parts.clock();
    return present;
}

http::Response put_config(const LambdaParts& parts, Call& call)
{
    return json_answer(parts.functions.database().transaction([&] {
        auto record = need_function_to_change(parts.functions, call);
        record.event_invoke_config = read_config(parts, call, {});
        parts.functions.put(record);
        return describe(record);
    }));
}

http::Response update_config(const LambdaParts& parts, Call& call)
{
    return json_answer(parts.functions.database().transaction([&] {
        auto record = need_function_to_change(parts.functions, call);
        require_config(record);
        record.event_invoke_config = read_config(parts, call, *record.event_invoke_config);
        parts.functions.put(record);
        return describe(record);
    }));
}

http::Response get_config(const LambdaParts& parts, Call& call)
{
    const auto record = need_function(parts.functions, call);
    require_config(*record);
    return json_answer(describe(*record));
}

http::Response delete_config(const LambdaParts& parts, Call& call)
{
    parts.functions.database().transaction([&] {
        auto record = need_function_to_change(parts.functions, call);
        require_config(record);
        record.event_invoke_config.reset();
        parts.functions.put(record);
    });
    return no_content();
}

/// One at the most: there are no versions and aliases.
http::Response list_configs(const LambdaParts& parts, Call& call)
{
    const auto record = need_function(parts.functions, call);
    json::array configs;
    if (record->event_invoke_config)
        configs.push_back(describe(*record));
    return json_answer({{"FunctionEventInvokeConfigs", std::move(configs)}});
}

} // namespace

std::vector<Operation> lambda_event_config_operations(const LambdaParts& parts)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(const LambdaParts&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = function_resource,
                         .context = function_context(parts.functions),
                         .answer = Answer([parts, answer_call](Call& call) {
                             return answer_call(parts, call);
                         })};
    };
    constexpr std::string_view path = "/2019-09-25/functions/{FunctionName}/event-invoke-config";
    return {
        entry("PutFunctionEventInvokeConfig", "PUT", path, "lambda:PutFunctionEventInvokeConfig",
              put_config),
        entry("UpdateFunctionEventInvokeConfig", "POST", path,
              "lambda:UpdateFunctionEventInvokeConfig", update_config),
        entry("GetFunctionEventInvokeConfig", "GET", path, "lambda:GetFunctionEventInvokeConfig",
              get_config),
        entry("DeleteFunctionEventInvokeConfig", "DELETE", path,
              "lambda:DeleteFunctionEventInvokeConfig", delete_config),
        entry("ListFunctionEventInvokeConfigs", "GET",
              "/2019-09-25/functions/{FunctionName}/event-invoke-config/list",
              "lambda:ListFunctionEventInvokeConfigs", list_configs),
    };
}

} // namespace nimbus::local

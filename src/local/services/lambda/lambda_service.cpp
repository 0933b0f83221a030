#include "local/services/lambda/lambda_service.h"

#include "base/text.h"

#include <algorithm>
#include <set>

namespace nimbus::local {
namespace lambda_api {
namespace {

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_';
    });
}

[[noreturn]] void throw_bad_name(const std::string& given)
{
    throw ServiceError(400, "ValidationException",
                       "1 validation error detected: Value '" + given +
                           "' at 'functionName' failed to satisfy constraint: Member must satisfy "
                           "regular expression pattern: "
                           "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?"
                           "(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?");
}

[[noreturn]] void throw_no_function(const std::string& arn)
{
    throw ServiceError(404, "ResourceNotFoundException", "Function not found: " + arn,
                       {{"Type", "User"}});
}

} // namespace

std::string function_name(const Call& call, const std::string& given)
{
    auto rest = given;
    if (const auto at = rest.find("function:"); at != std::string::npos) {
        const auto prefix = arn_in(call, "lambda", "");
        if (!prefix.ends_with(rest.substr(0, at)))
            throw ServiceError(404, "ResourceNotFoundException", "Function not found: " + given,
                               {{"Type", "User"}});
        rest.erase(0, at + 9);
    }
    auto qualifier = call.parameter("Qualifier").value_or("");
    if (const auto colon = rest.find(':'); colon != std::string::npos) {
        qualifier = rest.substr(colon + 1);
        rest.resize(colon);
    }
    if (!is_name(rest))
        throw_bad_name(given);
    if (!qualifier.empty() && qualifier != "$LATEST")
        throw ServiceError(404, "ResourceNotFoundException",
                           "Function not found: " + function_arn(call, rest) + ":" + qualifier,
                           {{"Type", "User"}});
    return rest;
}

std::shared_ptr<const FunctionRecord> need_function(FunctionRegistry& functions, const Call& call)
{
    const auto arn = function_arn(call, function_name(call, call.label("FunctionName")));
    auto record = functions.find_arn(arn);
    if (!record)
        throw_no_function(arn);
    return record;
}

FunctionRecord need_function_to_change(FunctionRegistry& functions, const Call& call)
{
    const auto name = function_name(call, call.label("FunctionName"));
    auto record = functions.find(call.region, name);
    if (!record)
        throw_no_function(function_arn(call, name));
    return std::move(*record);
}

std::string function_arn(const Call& call, const std::string& name)
{
    return arn_in(call, "lambda", "function:" + name);
}

std::string function_resource(const Call& call)
{
    if (const auto label = call.labels.find("FunctionName"); label != call.labels.end())
        return function_arn(call, function_name(call, label->second));
    if (const auto name = string_member(call.input, "FunctionName"))
        return function_arn(call, function_name(call, *name));
    return "*";
}

std::function<ConditionContext(const Call&)> function_context(FunctionRegistry& functions)
{
    return [&functions](const Call& call) {
        for (const auto* label : {"FunctionName", "ARN"})
            if (const auto given = call.labels.find(label); given != call.labels.end())
                if (const auto record =
                        functions.find_arn(function_arn(call, function_name(call, given->second))))
                    return resource_tags(record->tags);
        return ConditionContext{};
    };
}

void throw_invalid(const std::string& message)
{
    throw ServiceError(400, "InvalidParameterValueException", message, {{"Type", "User"}});
}

} // namespace lambda_api

namespace {

/// A home may have been moved since the path was stored.
void correct_path(const LambdaParts& parts, FunctionRecord record)
{
    const auto zip = parts.code.path_of(record.function->code_sha256);
    if (record.function->code_zip == zip)
        return;
    auto function = *record.function;
    function.code_zip = zip;
    record.function = std::make_shared<const Function>(std::move(function));
    parts.functions.put(record);
}

} // namespace

Service make_lambda_service(const LambdaParts& parts)
{
    std::set<std::string> zips;
    for (auto record : parts.functions.all()) {
        zips.insert(record.function->code_sha256);
        correct_path(parts, std::move(record));
    }
    parts.code.sweep(zips, parts.clock());

    Service service{.signing_name = "lambda",
                    .protocol = Protocol::rest_json,
                    .inputs = lambda_inputs(),
                    .input_error = "InvalidParameterValueException"};
    service.add(lambda_function_operations(parts));
    service.add(lambda_permission_operations(parts));
    service.add(lambda_invoke_operations(parts));
    service.add(lambda_event_config_operations(parts));
    service.claims = [](const http::Request& request) {
        return request.path().starts_with("/2015-03-31/") || request.path().starts_with("/2017-") ||
               request.path().starts_with("/2019-09-25/");
    };
    service.attach = [&invoker = parts.invoker, &events = parts.events](const DataPlanes& planes) {
        invoker = &planes.invoker;
        events.start(planes.invoker);
    };
    service.detach = [&invoker = parts.invoker, &events = parts.events] {
        events.stop();
        invoker = nullptr;
    };
    return service;
}

} // namespace nimbus::local

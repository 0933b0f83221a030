#include "local/services/logs/logs_service.h"

#include "local/lambda/log_sink.h"
#include "local/services/inputs.h"

#include <algorithm>

namespace nimbus::local {
namespace logs_api {
namespace {

/// The group that the call names: by its name, or by its ARN.
std::optional<std::string> named_group(const Call& call)
{
    constexpr std::string_view mark = ":log-group:";
    if (auto name = string_member(call.input, "logGroupName"))
        return name;
    for (const auto* member : {"logGroupIdentifier", "resourceArn"})
        if (auto name = string_member(call.input, member)) {
            if (const auto at = name->find(mark); at != std::string::npos)
                name->erase(0, at + mark.size());
            if (name->ends_with(":*"))
                name->resize(name->size() - 2);
            return name;
        }
    return std::nullopt;
}

std::string resource(const Call& call)
{
    const auto name = named_group(call);
    auto arn = group_arn(call, name.value_or("*"));
    if (const auto stream = string_member(call.input, "logStreamName"))
        return arn + ":log-stream:" + *stream;
    return arn + ":*";
}

Answer settled(Answer answer, std::function<void()> settle)
{
    return [answer = std::move(answer), settle = std::move(settle)](Call& call) {
        settle();
        return answer(call);
    };
}

} // namespace

Operation entry(LogStore& store, std::string_view name, std::string_view action, Plain answer)
{
    return {.name = name,
            .action = action,
            .resource = resource,
            .context =
                [&store](const Call& call) {
                    const auto wanted = named_group(call);
                    const auto group = wanted
                                           ? store.find_group(log_group_key(call.region, *wanted))
                                           : std::nullopt;
                    return group ? resource_tags(group->tags) : ConditionContext{};
                },
            .answer = Answer([&store, answer](Call& call) { return answer(store, call); })};
}

void throw_invalid(const std::string& message)
{
    throw ServiceError(400, "InvalidParameterException", message);
}

void throw_no_group()
{
    throw ServiceError(400, "ResourceNotFoundException", "The specified log group does not exist.");
}

std::string group_name(const Call& call)
{
    auto name = named_group(call);
    if (!name)
        name = Input(call.input, "InvalidParameterException").required_text("logGroupName");
    const auto fine =
        !name->empty() && name->size() <= 512 && std::ranges::all_of(*name, [](unsigned char c) {
            return std::isalnum(c) ||
                   std::string_view("._-/#").find(static_cast<char>(c)) != std::string_view::npos;
        });
    if (!fine)
        throw_invalid("1 validation error detected: Value '" + *name +
                      "' at 'logGroupName' failed to satisfy constraint: Member must satisfy "
                      "regular expression pattern: [\\.\\-_/#A-Za-z0-9]+");
    return std::move(*name);
}

std::string group_key(const Call& call)
{
    return log_group_key(call.region, group_name(call));
}

LogGroup need_group(LogStore& store, const Call& call)
{
    auto group = store.find_group(group_key(call));
    if (!group)
        throw_no_group();
    return std::move(*group);
}

std::string group_arn(const Call& call, const std::string& name)
{
    return arn_in(call, "logs", "log-group:" + name);
}

} // namespace logs_api

Service make_logs_service(LogStore& store, const std::function<void()>& settle)
{
    Service service{.signing_name = "logs",
                    .protocol = Protocol::json_1_1,
                    .api = "Logs_20140328",
                    .inputs = logs_inputs(),
                    .input_error = "InvalidParameterException"};
    for (auto part : {logs_group_operations(store), logs_event_operations(store)})
        for (auto& operation : part) {
            operation.answer = logs_api::settled(std::get<Answer>(operation.answer), settle);
            service.operations.push_back(std::move(operation));
        }
    service.claims = [](const http::Request& request) {
        return request.headers.get("x-amz-target").starts_with("Logs_");
    };
    service.detach = settle;
    return service;
}

} // namespace nimbus::local

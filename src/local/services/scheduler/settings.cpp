#include "local/services/scheduler/settings.h"

#include "base/arn.h"
#include "base/error.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/scheduler/errors.h"
#include "schedule/schedule.h"

#include <algorithm>
#include <initializer_list>

namespace nimbus::local::scheduler {
namespace {

[[noreturn]] void refuse_member(std::string_view name, std::string_view constraint)
{
    throw_validation("1 validation error detected: Value at '" + std::string(name) +
                     "' failed to satisfy constraint: " + std::string(constraint));
}

std::optional<std::string> text(const Input& input, std::string_view name, std::size_t shortest,
                                std::size_t longest)
{
    auto value = input.text(name);
    if (value && value->size() < shortest)
        refuse_member(name, "Member must have length greater than or equal to " +
                                std::to_string(shortest));
    if (value && value->size() > longest)
        refuse_member(name,
                      "Member must have length less than or equal to " + std::to_string(longest));
    return value;
}

std::string required_text(const Input& input, std::string_view name, std::size_t longest)
{
    static_cast<void>(input.required_text(name));
    return *text(input, name, 1, longest);
}

const json::object& required_object(const Input& input, std::string_view name)
{
    const auto* value = input.object(name);
    if (value == nullptr)
        refuse_member(name, "Member must not be null");
    return *value;
}

/// Is it the second of the two values?
bool is_second(const std::optional<std::string>& value, std::string_view name,
               std::string_view first, std::string_view second)
{
    if (value && *value != first && *value != second)
        refuse_member(name, "Member must satisfy enum value set: [" + std::string(first) + ", " +
                                std::string(second) + "]");
    return value == second;
}

std::chrono::minutes read_window(const json::object& object)
{
    const Input input(object, validation);
    const bool is_flexible = is_second(input.required_text("Mode"), "Mode", "OFF", "FLEXIBLE");
    const auto minutes = input.integer("MaximumWindowInMinutes", 1, 1440);
    if (is_flexible && !minutes)
        throw_validation(
            "FlexibleTimeWindow has the mode FLEXIBLE: say MaximumWindowInMinutes, too.");
    if (!is_flexible && minutes)
        throw_validation("FlexibleTimeWindow has the mode OFF: leave out MaximumWindowInMinutes.");
    return std::chrono::minutes(minutes.value_or(0));
}

RetryPolicy read_retry_policy(const json::object* object)
{
    RetryPolicy policy;
    if (object == nullptr)
        return policy;
    const Input input(*object, validation);
    if (const auto age = input.integer("MaximumEventAgeInSeconds", 60, 86'400))
        policy.maximum_event_age = std::chrono::seconds(*age);
    if (const auto attempts = input.integer("MaximumRetryAttempts", 0, 185))
        policy.maximum_retry_attempts = static_cast<int>(*attempts);
    return policy;
}

void check_target_arn(const std::string& text, const std::string& region)
{
    const auto arn = Arn::parse(text);
    if (!arn)
        throw_validation("The target '" + text + "' is not an ARN.");
    if (arn->service != "lambda" || !arn->resource.starts_with("function:"))
        throw_validation(
            "The target '" + text +
            "' is not a Lambda function, and the local cloud invokes nothing else on a "
            "schedule.");
    if (arn->region != region)
        throw_validation("The target '" + text + "' is not in " + region +
                         ", where the schedule is: they have to be in one Region.");
}

void check_role_arn(const std::string& text)
{
    const auto arn = Arn::parse(text);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
        refuse_member("RoleArn", "Member must satisfy regular expression pattern: "
                                 "^arn:aws(-[a-z]+)?:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+$");
}

void check_target_input(const std::string& text)
{
    try {
        static_cast<void>(parse_json(text, "The target's Input"));
    } catch (const Error& error) {
        throw_validation(std::string(error.what()) + "; a Lambda function takes JSON.");
    }
}

Target read_target(const json::object& object, const std::string& region)
{
    const Input input(object, validation);
    for (const std::string_view other :
         {"EcsParameters", "EventBridgeParameters", "KinesisParameters",
          "SageMakerPipelineParameters", "SqsParameters"})
        if (input.has(other))
            throw_validation(std::string(other) + " is not for a Lambda function: leave it out.");
    if (input.has("DeadLetterConfig"))
        throw_validation("The local cloud has no SQS queues: leave out DeadLetterConfig.");
    Target target;
    target.arn = required_text(input, "Arn", 1600);
    check_target_arn(target.arn, region);
    target.role_arn = required_text(input, "RoleArn", 1600);
    check_role_arn(target.role_arn);
    target.input = input.text("Input");
    if (target.input)
        check_target_input(*target.input);
    target.retry_policy = read_retry_policy(input.object("RetryPolicy"));
    return target;
}

void check_expression(const Settings& settings)
{
    try {
        const schedule::Schedule schedule(settings.expression, settings.time_zone);
    } catch (const Error& error) {
        throw_validation("Invalid Schedule Expression " + settings.expression + ". " +
                         error.what() + ".");
    }
}

json::object to_json(const Target& target)
{
    json::object object{
        {"Arn", target.arn},
        {"RoleArn", target.role_arn},
        {"RetryPolicy",
         json::object{{"MaximumEventAgeInSeconds", target.retry_policy.maximum_event_age.count()},
                      {"MaximumRetryAttempts", target.retry_policy.maximum_retry_attempts}}}};
    if (target.input)
        object["Input"] = *target.input;
    return object;
}

json::object window_to_json(std::chrono::minutes window)
{
    if (window.count() == 0)
        return {{"Mode", "OFF"}};
    return {{"Mode", "FLEXIBLE"}, {"MaximumWindowInMinutes", window.count()}};
}

} // namespace

Settings read_settings(const json::object& object, const std::string& region)
{
    const Input input(object, validation);
    if (input.has("KmsKeyArn"))
        throw_validation("The local cloud has no KMS keys: leave out KmsKeyArn.");
    Settings settings;
    settings.description = text(input, "Description", 0, 512).value_or("");
    settings.expression = required_text(input, "ScheduleExpression", 256);
    settings.time_zone = text(input, "ScheduleExpressionTimezone", 1, 50).value_or("UTC");
    check_expression(settings);
    settings.start = input.timestamp("StartDate");
    settings.end = input.timestamp("EndDate");
    settings.is_enabled = !is_second(input.text("State"), "State", "ENABLED", "DISABLED");
    settings.window = read_window(required_object(input, "FlexibleTimeWindow"));
    settings.is_deleted_after_completion =
        is_second(input.text("ActionAfterCompletion"), "ActionAfterCompletion", "NONE", "DELETE");
    settings.target = read_target(required_object(input, "Target"), region);
    return settings;
}

json::object to_json(const Settings& settings)
{
    json::object object{
        {"ScheduleExpression", settings.expression},
        {"ScheduleExpressionTimezone", settings.time_zone},
        {"State", settings.is_enabled ? "ENABLED" : "DISABLED"},
        {"FlexibleTimeWindow", window_to_json(settings.window)},
        {"ActionAfterCompletion", settings.is_deleted_after_completion ? "DELETE" : "NONE"},
        {"Target", to_json(settings.target)}};
    if (!settings.description.empty())
        object["Description"] = settings.description;
    if (settings.start)
        object["StartDate"] = epoch_seconds(*settings.start);
    if (settings.end)
        object["EndDate"] = epoch_seconds(*settings.end);
    return object;
}

void check_dates(const Settings& settings, SystemTime now)
{
    if (schedule::Schedule(settings.expression).is_one_time())
        return; // has neither
    if (settings.start && *settings.start < now - std::chrono::minutes(5))
        throw_validation("The StartDate you specify cannot be earlier than 5 minutes ago.");
    if (settings.end && *settings.end <= std::max(settings.start.value_or(now), now))
        throw_validation(
            "The EndDate you specify must be later than the StartDate and the current time.");
}

} // namespace nimbus::local::scheduler

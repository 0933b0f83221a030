#include "local/services/scheduler/scheduler_service.h"

#include "base/encoding.h"
#include "base/number.h"
#include "local/services/answers.h"

#include <algorithm>

namespace nimbus::local {
namespace scheduler {

Operation operation(const SchedulerParts& parts, Operation named,
                    json::object (*answer)(const SchedulerParts&, Call&))
{
    named.answer = Answer([parts, answer](Call& call) { return json_answer(answer(parts, call)); });
    return named;
}

std::string checked_name(std::string_view member, std::string name)
{
    const bool good = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
    if (!good)
        throw_validation("1 validation error detected: Value '" + name + "' at '" +
                         std::string(member) +
                         "' failed to satisfy constraint: Member must have 1 to 64 characters and "
                         "satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$");
    return name;
}

GroupRecord need_group(const SchedulerParts& parts, const Call& call, const std::string& name)
{
    auto group = parts.store.find_group(call.region, name, parts.clock());
    if (!group)
        throw_not_found("Schedule group " + name + " does not exist.");
    return std::move(*group);
}

Page::Page(const Call& call)
{
    if (const auto text = call.parameter("MaxResults")) {
        const auto number = parse_number<std::size_t>(*text);
        if (!number || *number < 1 || *number > limit_)
            throw_validation(
                "1 validation error detected: Value '" + *text +
                "' at 'maxResults' failed to satisfy constraint: Member must have value "
                "between 1 and 100");
        limit_ = *number;
    }
    if (const auto token = call.parameter("NextToken")) {
        const auto key = base64_decode(*token);
        if (!key)
            throw_validation("The NextToken is not one that the service gave.");
        after_ = *key;
    }
}

bool Page::take(const std::string& key)
{
    if (key <= after_)
        return false;
    if (taken_ == limit_) {
        has_more_ = true;
        return false;
    }
    ++taken_;
    last_ = key;
    return true;
}

void Page::finish(json::object& answer) const
{
    if (has_more_)
        answer["NextToken"] = base64_encode(last_);
}

} // namespace scheduler

Service make_scheduler_service(const SchedulerParts& parts)
{
    Service service{.signing_name = "scheduler",
                    .protocol = Protocol::rest_json,
                    .inputs = scheduler_inputs(),
                    .input_error = "ValidationException"};
    service.add(scheduler::schedule_operations(parts));
    service.add(scheduler::group_operations(parts));
    service.claims = [](const http::Request& request) {
        return request.path().starts_with("/schedules") ||
               request.path().starts_with("/schedule-groups");
    };
    service.attach = [&engine = parts.engine](const DataPlanes&) { engine.start(); };
    service.detach = [&engine = parts.engine] { engine.stop(); };
    return service;
}

} // namespace nimbus::local

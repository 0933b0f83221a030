#include "local/services/scheduler/target_input.h"

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace nimbus::local::scheduler {
namespace {

/// The members of EventBridge's events. `detail` is text, as Scheduler has it.
std::string default_event(const Execution& execution)
{
    return compact_json(json::object{{"version", "0"},
                                     {"id", random_uuid()},
                                     {"detail-type", "Scheduled Event"},
                                     {"source", "aws.scheduler"},
                                     {"account", execution.account_id},
                                     {"time", format_iso8601_seconds(execution.scheduled)},
                                     {"region", execution.region},
                                     {"resources", json::array{execution.schedule_arn}},
                                     {"detail", "{}"}});
}

} // namespace

std::string target_input(const std::optional<std::string>& input, const Execution& execution)
{
    if (!input)
        return default_event(execution);
    auto text = *input;
    text = replace_all(std::move(text), "<aws.scheduler.schedule-arn>", execution.schedule_arn);
    text = replace_all(std::move(text), "<aws.scheduler.scheduled-time>",
                       format_iso8601_seconds(execution.scheduled));
    text = replace_all(std::move(text), "<aws.scheduler.execution-id>", execution.id);
    text = replace_all(std::move(text), "<aws.scheduler.attempt-number>",
                       std::to_string(execution.attempt));
    return text;
}

} // namespace nimbus::local::scheduler

#include "timer/event.h"

#include "base/json.h"
#include "values/json_view.h"

#include <nimbus/timer.hpp>

namespace nimbus {

namespace {

std::string_view text_in(const json::object& object, std::string_view key) noexcept
{
    return detail::text_member(object, key).value_or("");
}

} // namespace

bool detail::is_timer_event(const json::object& event) noexcept
{
    return text_in(event, "detail-type") == "Scheduled Event";
}

std::shared_ptr<const detail::TimerEvent>
detail::decode_timer_event(json::object event, const InvocationContext& invocation)
{
    const auto time = timestamp::parse(text_in(event, "time"));
    if (!time)
        throw json_error("the scheduled event has no time such as 2027-01-31T09:00:00Z");
    return std::make_shared<const TimerEvent>(TimerEvent{std::move(event), *time, invocation});
}

timer_event::timer_event(std::shared_ptr<const detail::TimerEvent> event) noexcept
    : event_(std::move(event))
{
}

std::string_view timer_event::id() const noexcept
{
    return text_in(event_->content, "id");
}

timestamp timer_event::time() const noexcept
{
    return event_->time;
}

std::string_view timer_event::source() const noexcept
{
    return text_in(event_->content, "source");
}

std::string_view timer_event::detail_type() const noexcept
{
    return text_in(event_->content, "detail-type");
}

std::string_view timer_event::region() const noexcept
{
    return text_in(event_->content, "region");
}

std::string_view timer_event::account() const noexcept
{
    return text_in(event_->content, "account");
}

std::vector<std::string_view> timer_event::resources() const
{
    const auto* resources = array_member(event_->content, "resources");
    return resources ? detail::text_elements(*resources) : std::vector<std::string_view>();
}

json::value timer_event::detail() const
{
    const auto* detail = event_->content.if_contains("detail");
    return detail ? *detail : json::value(json::object());
}

std::string_view timer_event::invocation_id() const noexcept
{
    return event_->invocation.request_id;
}

std::string_view timer_event::trace_id() const noexcept
{
    return event_->invocation.trace_id;
}

std::chrono::milliseconds timer_event::remaining_time() const noexcept
{
    return event_->invocation.remaining_time();
}

const json::object& timer_event::raw_event() const noexcept
{
    return event_->content;
}

} // namespace nimbus

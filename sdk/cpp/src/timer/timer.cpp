#include "base/arn.h"
#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "core/application.h"
#include "core/manifest_writer.h"
#include "timer/event.h"

#include <algorithm>
#include <nimbus/timer.hpp>
#include <stdexcept>

namespace nimbus::detail {

namespace {

struct TimerDeclaration {
    timer_options options;
    std::source_location place;
    std::shared_ptr<const timer_handler> handler;
    std::string function;        ///< its name
    std::string shared_function; ///< that the program asks for: refused
};

class TimerKind : public Kind {
public:
    std::vector<TimerDeclaration> timers;

    void describe(ManifestWriter& manifest) const override
    {
        for (const auto& timer : timers)
            manifest.add("timers", entry_of(timer), timer.place);
    }

private:
    static json::object entry_of(const TimerDeclaration& timer)
    {
        const auto& options = timer.options;
        if (!timer.shared_function.empty())
            throw Error(text_of(timer.place) + ": the timer " + options.name +
                        " cannot share the function " + timer.shared_function +
                        ": only routes share functions; leave out .function");
        json::object entry{{"name", options.name}, {"schedule", options.schedule}};
        if (!options.timezone.empty())
            entry.emplace("timezone", options.timezone);
        if (!options.description.empty())
            entry.emplace("description", options.description);
        entry.emplace("enabled", options.enabled);
        if (options.flexible_window != 0)
            entry.emplace("flexibleWindow", options.flexible_window);
        entry.emplace("function", timer.function);
        return entry;
    }
};

class TimerCall : public Call {
public:
    TimerCall(std::string name, std::shared_ptr<const timer_handler> handler,
              std::shared_ptr<const TimerEvent> event)
        : name_(std::move(name)), handler_(std::move(handler)), event_(std::move(event))
    {
    }

    field subject() const override { return {"timer", name_}; }
    std::string run() override { return compact_json((*handler_)(timer_event(event_))); }

private:
    std::string name_;
    std::shared_ptr<const timer_handler> handler_;
    std::shared_ptr<const TimerEvent> event_;
};

class TimerTrigger : public Trigger {
public:
    TimerTrigger(std::string name, std::shared_ptr<const timer_handler> handler)
        : name_(std::move(name)), handler_(std::move(handler))
    {
    }

    std::string_view source() const noexcept override { return "EventBridge Scheduler"; }

    bool sends(const json::object& event) const noexcept override { return is_timer_event(event); }

    std::unique_ptr<Call> decode(json::object event,
                                 const InvocationContext& context) const override
    {
        return std::make_unique<TimerCall>(name_, handler_,
                                           decode_timer_event(std::move(event), context));
    }

private:
    std::string name_;
    std::shared_ptr<const timer_handler> handler_;
};

/// What EventBridge Scheduler would send.
json::object make_event(const app_options& application, std::string_view name, timestamp time)
{
    constexpr std::string_view account = "123456789012";
    const std::string stage = application.stage.empty() ? "dev" : application.stage;
    const Arn schedule{.service = "scheduler",
                       .region = application.region,
                       .account = std::string(account),
                       .resource = "schedule/" + application.project_name + "-" + stage + "/" +
                                   std::string(name)};
    return {{"version", "0"},
            {"id", random_uuid()},
            {"detail-type", "Scheduled Event"},
            {"source", "aws.scheduler"},
            {"account", account},
            {"time", time.to_string()},
            {"region", application.region},
            {"resources", json::array{schedule.to_string()}},
            {"detail", json::object()}};
}

} // namespace

void timer_declarations::add_timer(timer_options options, timer_handler handler,
                                   function_options settings, std::source_location declared)
{
    auto shared = std::make_shared<const timer_handler>(std::move(handler));
    auto shared_function = settings.function;
    auto& function = application_->add_function(
        options.name, {"the timer " + options.name, std::move(settings), declared});
    function.triggers.push_back(std::make_unique<TimerTrigger>(options.name, shared));
    application_->kind<TimerKind>().timers.push_back({std::move(options), declared,
                                                      std::move(shared), function.name,
                                                      std::move(shared_function)});
}

json::value timer_declarations::invoke_timer(std::string_view name, timestamp time) const
{
    const auto& timers = application_->kind<TimerKind>().timers;
    const auto timer = std::ranges::find(
        timers, name, [](const auto& each) -> std::string_view { return each.options.name; });
    if (timer == timers.end())
        throw std::out_of_range("the application declares no timer " + std::string(name));
    auto event = decode_timer_event(make_event(application_->options, name, time),
                                    {.request_id = random_uuid()});
    return (*timer->handler)(timer_event(std::move(event)));
}

} // namespace nimbus::detail

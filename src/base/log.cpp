#include "base/log.h"

#include <utility>

namespace nimbus {

Log::Log(LogLevel level, Write write, Clock clock)
    : output_(std::make_shared<const Output>(Output{level, std::move(write), std::move(clock)}))
{
}

Log Log::of(std::string_view component) const
{
    auto log = *this;
    log.component_ = component;
    return log;
}

Log Log::with(LogFields fields) const
{
    auto log = *this;
    for (const auto& field : fields)
        field.append_to(log.context_);
    return log;
}

void Log::write_line(LogLevel level, std::string_view message, LogFields fields) const
{
    output_->write(level,
                   format_log_line(output_->clock(), level, component_, message, context_, fields));
}

} // namespace nimbus

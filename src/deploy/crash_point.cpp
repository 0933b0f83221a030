#include "deploy/crash_point.h"

#include "base/error.h"
#include "base/number.h"

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace nimbus::deploy {

namespace {

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

} // namespace

CrashPoint::CrashPoint(const std::string& spec, Effect effect) : effect_(effect)
{
    if (spec.empty())
        return;
    std::string_view moment = spec;
    at_ = take_number<int>(moment).value_or(0);
    if (at_ < 1 || (moment != ":before" && moment != ":after"))
        throw UsageError("NIMBUS_TEST_CRASH_AT and NIMBUS_TEST_STOP_AT must be <n>:before or "
                         "<n>:after, not '" +
                         spec + "'");
    after_ = moment == ":after";
}

CrashPoint CrashPoint::from_environment()
{
    const auto stop = variable("NIMBUS_TEST_STOP_AT");
    if (!stop.empty())
        return CrashPoint(stop, Effect::stops);
    return CrashPoint(variable("NIMBUS_TEST_CRASH_AT"));
}

void CrashPoint::take_effect() const
{
    // Of the whole process: raise(3) signals this thread, and a stop or an end is everyone's.
    static_cast<void>(std::raise(effect_ == Effect::kills ? SIGKILL : SIGSTOP));
}

} // namespace nimbus::deploy

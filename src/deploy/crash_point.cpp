#include "deploy/crash_point.h"

#include "base/error.h"
#include "base/number.h"

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace nimbus::deploy {

CrashPoint::CrashPoint(const std::string& spec)
{
    if (spec.empty())
        return;
    std::string_view moment = spec;
    at_ = take_number<int>(moment).value_or(0);
    if (at_ < 1 || (moment != ":before" && moment != ":after"))
        throw UsageError("NIMBUS_TEST_CRASH_AT must be <n>:before or <n>:after, not '" + spec +
                         "'");
    after_ = moment == ":after";
}

std::string CrashPoint::environment_spec()
{
    const char* spec = std::getenv("NIMBUS_TEST_CRASH_AT");
    return spec == nullptr ? std::string() : spec;
}

void CrashPoint::end_process()
{
    static_cast<void>(std::raise(SIGKILL));
    std::abort();
}

} // namespace nimbus::deploy

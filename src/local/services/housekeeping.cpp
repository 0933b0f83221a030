#include "local/services/housekeeping.h"

namespace nimbus::local {
namespace {

/// Requests have the database to themselves that long.
constexpr std::chrono::milliseconds between_steps{20};

/// Each step has its turn, whatever those before it have left to do or failed with.
bool do_all(const std::vector<HousekeepingStep>& steps, const Log& log)
{
    bool is_more = false;
    for (const auto& step : steps)
        try {
            is_more = step() || is_more;
        } catch (const std::exception& error) {
            log.warning("Something beyond its limits was not taken away",
                        {{"reason", error.what()}});
        }
    return is_more;
}

} // namespace

Housekeeping::Housekeeping(std::vector<HousekeepingStep> steps, Clock clock, Log log)
    : steps_(std::move(steps)), thread_(
                                    [this, clock, log]() -> std::optional<SystemTime> {
                                        if (do_all(steps_, log))
                                            return clock() + between_steps;
                                        return std::nullopt;
                                    },
                                    clock, log)
{
}

} // namespace nimbus::local

#pragma once

#include "local/faults/fault_settings.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace nimbus::cli {

/// The rate of a fault that is asked for without one.
inline constexpr std::string_view every_time = "100%";

/// How faults were asked for, as it was typed.
struct FaultOptions {
    /// How a message calls an option: "--conflicts", "conflicts in --faults".
    std::string before = "--", after;
    std::map<std::string, std::string, std::less<>> rates; ///< by the name of the fault
    std::string delay;                                     ///< empty: not given
    std::string seed;                                      ///< empty: not given

    std::string called(std::string_view name) const;
};

/// "conflicts=5%,expired-tokens,delay=200ms,seed=7", or "off", which is the value of `option`.
/// Throws UsageError.
FaultOptions fault_list(std::string_view option, std::string_view list);

/// Without a seed, one is made up. Throws UsageError that names the option which is wrong.
local::FaultSettings fault_settings_of(const FaultOptions& options);

} // namespace nimbus::cli

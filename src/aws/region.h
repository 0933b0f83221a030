#pragma once

#include "aws/environment.h"

#include <string>

namespace nimbus::aws {

/// A Region, and who says so.
struct RegionSetting {
    std::string name;   ///< empty: nobody does
    std::string origin; ///< "AWS_REGION", "profile 'dev'"
};

/// AWS_REGION, AWS_DEFAULT_REGION, or the `region` of the profile (empty: AWS_PROFILE).
RegionSetting find_region(const std::string& profile, const Environment& environment);

} // namespace nimbus::aws

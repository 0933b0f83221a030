#include "aws/region.h"

#include "aws/shared_config.h"

namespace nimbus::aws {

RegionSetting find_region(const std::string& profile, const Environment& environment)
{
    for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (auto region = environment(variable))
            return {.name = *region, .origin = variable};
    const SharedConfig config(environment);
    const auto name = profile_name(profile, environment);
    const auto* found = config.find(name);
    auto region = found == nullptr ? "" : setting(*found, "region");
    if (region.empty())
        return {};
    return {.name = std::move(region), .origin = "profile '" + name + "'"};
}

} // namespace nimbus::aws

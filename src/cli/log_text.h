#pragma once

#include <string>
#include <string_view>

namespace nimbus::cli {

/// What a function wrote, as it may be shown: without blanks at its ends, in lines. Colours stay;
/// other control characters, which may come from a request, could have a terminal do anything.
std::string readable(std::string_view message);

} // namespace nimbus::cli

#pragma once

#include <string>
#include <string_view>

namespace nimbus::cli {

/// What is made of others' texts, as a terminal may show it. Colours stay; other control
/// characters, which may come from a request or from AWS, could have a terminal do anything.
std::string without_controls(std::string_view lines);

/// What a function wrote, as it may be shown: without blanks at its ends, in lines, and without
/// controls.
std::string readable(std::string_view message);

} // namespace nimbus::cli

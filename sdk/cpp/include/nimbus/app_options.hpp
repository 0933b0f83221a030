#pragma once

#include <string>

namespace nimbus {

struct app_options {
    std::string project_name; ///< lower-case letters, digits, dashes; at most 32
    std::string region;       ///< us-east-1
    std::string stage{};      ///< empty: the first API's, or "dev"; `--stage` overrides it
};

} // namespace nimbus

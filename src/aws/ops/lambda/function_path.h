#pragma once

#include "aws/ops/rest.h"

#include <string>

namespace nimbus::aws::lambda {

inline std::string function_path(const std::string& function_name, const std::string& rest = {})
{
    return "/2015-03-31/functions/" + path_segment(function_name) + rest;
}

} // namespace nimbus::aws::lambda

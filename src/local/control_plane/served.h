#pragma once

#include "local/services/service.h"

#include <string_view>
#include <vector>

namespace nimbus::local {

/// What the local cloud serves of one of AWS's services.
struct ServedService {
    std::string_view name; ///< as the AWS CLI has it: "apigatewayv2"
    std::vector<InputMembers> operations;
};

/// By name.
std::vector<ServedService> served_services();

} // namespace nimbus::local

#pragma once

#include "local/services/service.h"

#include <string>

namespace nimbus::local {

/// A modelled error of Secrets Manager: its text is the member "Message".
inline ServiceError secrets_error(std::string code, const std::string& message)
{
    return {400, std::move(code), message, {{"Message", message}}};
}

} // namespace nimbus::local

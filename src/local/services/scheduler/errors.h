#pragma once

#include "local/services/service.h"

#include <string>

/// Scheduler's modelled errors; their text is the member "Message".
namespace nimbus::local::scheduler {

[[noreturn]] inline void throw_error(int status, const std::string& code,
                                     const std::string& message)
{
    throw ServiceError(status, code, message, {{"Message", message}});
}

[[noreturn]] inline void throw_validation(const std::string& message)
{
    throw_error(400, "ValidationException", message);
}

[[noreturn]] inline void throw_conflict(const std::string& message)
{
    throw_error(409, "ConflictException", message);
}

[[noreturn]] inline void throw_not_found(const std::string& message)
{
    throw_error(404, "ResourceNotFoundException", message);
}

} // namespace nimbus::local::scheduler

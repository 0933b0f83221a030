#pragma once

#include <exception>
#include <nimbus/log.hpp>
#include <string>

namespace nimbus::detail {

/// The type's name as people write it: std::runtime_error.
std::string type_name(const std::exception& exception);

/// Writes the line about the exception that is being handled, which a handler threw while it was at
/// `subject`.
void log_exception(const logger& to, const std::exception& exception, const field& subject);

} // namespace nimbus::detail

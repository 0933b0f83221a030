#include "core/exception_log.h"

#include "development/backtrace.h"

#include <boost/core/demangle.hpp>

#include <typeinfo>

namespace nimbus::detail {

std::string type_name(const std::exception& exception)
{
    return boost::core::demangle(typeid(exception).name());
}

void log_exception(const logger& to, const std::exception& exception, const field& subject)
{
    if (log_exception_with_frames != nullptr)
        return log_exception_with_frames(to, exception, subject);
    to.error(exception.what(), {{"errorType", type_name(exception)}, subject});
}

} // namespace nimbus::detail

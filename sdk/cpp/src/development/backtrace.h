#pragma once

#include <exception>
#include <nimbus/log.hpp>

namespace nimbus::detail {

/// As log_exception, with where the exception was thrown in `stack`: the frames whose source is on
/// this machine, innermost first, as "at <function> (<file>:<line>)". Linked into development
/// builds alone (nimbus dev): null in others.
[[gnu::weak]] void log_exception_with_frames(const logger& to, const std::exception& exception,
                                             const field& subject);

} // namespace nimbus::detail

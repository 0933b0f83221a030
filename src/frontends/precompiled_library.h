#pragma once

#include "frontends/front_end.h"

#include <string>
#include <vector>

namespace nimbus::frontends {

/// `compile`, the beginning of GCC's command line, such that it takes <nimbus/nimbus.hpp> compiled
/// already, which is made here once for a compiler, its flags and a version of libnimbus, and kept
/// in $XDG_CACHE_HOME/nimbus (~/.cache/nimbus). As it was, where that cannot be: another compiler,
/// or a cache that cannot be written.
///
/// GCC takes it where the program includes that header before anything else (GCC manual, "Using
/// Precompiled Headers"), and reads the header itself elsewhere: what compiles is the same.
std::vector<std::string> with_precompiled_library(std::vector<std::string> compile,
                                                  const BuildRequest& request);

} // namespace nimbus::frontends

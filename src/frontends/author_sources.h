#pragma once

#include "frontends/application.h"
#include "frontends/source_statements.h"

namespace nimbus::frontends {

/// The sources that the application was built from, in the order of their paths, as far as they are
/// the author's. Also those that scripts import for their types alone, which no bundle has. Empty
/// for a program that was built already.
Sources sources_of(const BuiltApplication& application);

} // namespace nimbus::frontends

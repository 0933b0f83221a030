#pragma once

#include "frontends/source_types.h"

#include <string>

namespace nimbus::frontends {

/// The type of an expression as its source writes it, where that is told nearby: of a variable or
/// parameter that is declared with it, a member of one, `request.json<T>()`, `T{…}`. "" where it is
/// not told, or not that simply.
std::string type_of_expression(const SourceFile& file, SourceFile::Range expression,
                               const SourceTypes& types);

} // namespace nimbus::frontends

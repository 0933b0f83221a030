#pragma once

#include "frontends/source_types.h"

#include <string>
#include <string_view>

namespace nimbus::cli {

/// Whether no value of a type of the program, as it is written, is one of `parameter`, a type as
/// format_type writes it. Both libraries send values as text, which the database reads: a text may
/// be a value of any type. What is not known may fit.
bool never_fits(std::string_view type, std::string_view parameter,
                const frontends::SourceTypes& types, const frontends::SourceFile& file);

} // namespace nimbus::cli

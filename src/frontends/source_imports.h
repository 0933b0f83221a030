#pragma once

#include "frontends/source_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::frontends {

/// What a script takes from a module, by import or require. It refers to the source.
struct Import {
    std::string module;
    std::string_view name; ///< there; "default", or "*" for all
    std::string_view local;
};

std::vector<Import> imports_of(const SourceFile& file);

} // namespace nimbus::frontends

#pragma once

#include "core/application.h"

namespace nimbus::detail {

/// What the declarations of `function` say of it together: each option as those have it that give
/// it, and the memory size under the name memory_size. Throws Error, which names both places, where
/// two of them differ.
function_options settings_of(const Function& function);

} // namespace nimbus::detail

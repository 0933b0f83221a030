#pragma once

#include "frontends/source_file.h"

namespace nimbus::frontends {

/// Is the token the `>` of `=>`?
bool is_arrow(const SourceFile& file, std::size_t greater) noexcept;

/// Is the expression awaited, or otherwise run where it stands?
bool is_run(const SourceFile& file, SourceFile::Range expression);

} // namespace nimbus::frontends

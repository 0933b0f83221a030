#pragma once

#include "frontends/source_file.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// What stands for `$1` and so on.
struct StatementArgument {
    enum class Kind {
        value, ///< known only when the program runs
        text,
        number,
        boolean,
        null,
    };

    Kind kind = Kind::value;
    std::string written; ///< of a literal: its value
    std::size_t offset = 0;
    SourceFile::Range range{}; ///< in the file of the statement
};

StatementArgument argument_in(const SourceFile& file, SourceFile::Range range);

/// Nothing when their number is not told.
std::optional<std::vector<StatementArgument>>
arguments_in(const SourceFile& file, std::span<const SourceFile::Range> ranges);

} // namespace nimbus::frontends

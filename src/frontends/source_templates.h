#pragma once

#include "frontends/source_arguments.h"
#include "frontends/source_tags.h"

#include <optional>
#include <vector>

namespace nimbus::frontends {

/// sql`SELECT … WHERE id = ${id}` as "SELECT … WHERE id = $1" and its argument.
struct TemplateStatement {
    /// Nothing when a part of it is made at run time.
    std::optional<LiteralText> text{};
    std::vector<StatementArgument> arguments{};
    /// Are all `${…}` surely parameters?
    bool is_certain = true;
};

/// `at`: of the template.
TemplateStatement template_statement(const SourceFile& file, std::size_t at, const SqlTags& tags,
                                     TagLibrary library);

/// Of a type `T[]`, `Array<T>` or `[T]`, T; else an empty range.
SourceFile::Range element_of_array(const SourceFile& file, SourceFile::Range type);

} // namespace nimbus::frontends

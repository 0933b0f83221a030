#pragma once

#include "frontends/source_file.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Texts as they stand in sources, and their names.
namespace nimbus::frontends {

/// The text that the tokens are, if they are one. Texts beside one another are one in C++; `+`
/// joins them in JavaScript.
std::optional<LiteralText> literal_in(const SourceFile& file, SourceFile::Range range);

/// Where a text is written.
struct Written {
    const SourceFile* file;
    LiteralText text;
};

/// Texts with names: const and constexpr ones. It refers to the sources.
class Constants {
public:
    explicit Constants(const Sources& sources);

    /// That of the file itself, or the only one of the name.
    const Written* find(const SourceFile& file, std::string_view name) const;

private:
    std::map<std::string, std::vector<Written>, std::less<>> found_;
};

} // namespace nimbus::frontends

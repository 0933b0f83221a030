#pragma once

#include "frontends/source_file.h"

namespace nimbus::frontends {

struct LexedSource {
    std::vector<SourceToken> tokens;
    std::size_t outside = 0;                 ///< so many of them stand outside of `${…}`
    std::vector<Substitution> substitutions; ///< in the order of their places
};

/// Without comments, directives of the preprocessor, what is between `#if 0` and its end, and
/// regular expressions. The expressions inside of `${…}` come last, each behind a `;`. What has no
/// end, ends with the line or the source.
LexedSource tokenize_source(std::string_view source, SourceLanguage language);

/// The value of a token of the kind `text`.
LiteralText literal_text(const SourceToken& token, SourceLanguage language);

/// What `written`, a part of a template at that place of the source, stands for.
LiteralText template_part(std::string_view written, std::size_t offset);

} // namespace nimbus::frontends

#pragma once

#include "frontends/source_file.h"

namespace nimbus::frontends {

/// Without comments, directives of the preprocessor, what is between `#if 0` and its end, and
/// regular expressions. The expressions inside of `${…}` come last, each behind a `;`. What has no
/// end, ends with the line or the source.
std::vector<SourceToken> tokenize_source(std::string_view source, SourceLanguage language);

/// The value of a token of the kind `text`.
LiteralText literal_text(const SourceToken& token, SourceLanguage language);

} // namespace nimbus::frontends

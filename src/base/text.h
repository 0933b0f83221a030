#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus {

/// ASCII only, locale-independent: protocol names, not prose.
char ascii_lower(char c) noexcept;
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool iequals(std::string_view a, std::string_view b) noexcept;

/// Without leading and trailing blanks, tabs, CRs and LFs.
std::string_view trim(std::string_view text) noexcept;

/// The parts between separators; "" gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// How an element is called: list[3].
std::string indexed(std::string_view list, std::size_t index);

/// Does `text` match `pattern`, in which `*` stands for any run of characters and `?` for one?
/// A character after `escape` stands for itself; with NUL, none does. Case-sensitive and linear in
/// practice: IAM's wildcards.
bool wildcard_match(std::string_view pattern, std::string_view text, char escape = '\0') noexcept;

/// How many characters are inserted, deleted, replaced or swapped with the next one.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that somebody who wrote `word` is likely to have meant, regardless of case, for
/// "did you mean"; nothing when none is near.
std::optional<std::string_view> likely_meant(std::string_view word,
                                             const std::vector<std::string_view>& candidates);

} // namespace nimbus

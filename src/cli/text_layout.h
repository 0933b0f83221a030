#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text in columns of a terminal. A code point counts as one column.
namespace nimbus::cli {

std::size_t columns(std::string_view utf8) noexcept;
/// With blanks at the end, up to `width` columns.
std::string padded(std::string_view utf8, std::size_t width);
/// At most `width` columns; what is cut off is told by "…".
std::string shortened(std::string_view utf8, std::size_t width);
/// In lines of at most `width` columns, broken at blanks; a longer word has a line of its own.
std::string wrapped(std::string_view utf8, std::size_t width);

} // namespace nimbus::cli

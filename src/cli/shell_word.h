#pragma once

#include <string>
#include <string_view>

namespace nimbus::cli {

/// `text` in single quotes, as one word of sh, bash and zsh (POSIX.1-2017, volume 3,
/// section 2.2.2).
std::string shell_word(std::string_view text);

} // namespace nimbus::cli

#pragma once

#include "cli/terminal.h"

#include <string>
#include <string_view>

/// Questions to a person, who is there (Terminal::has_person).
namespace nimbus::cli {

/// Asks until the answer has no mistake, which `mistake` puts in a sentence, or "". `otherwise` is
/// what an empty answer means. Throws Error(`given_up`) at the end of the input.
std::string need_answer(const Terminal& terminal, const std::string& question,
                        const std::string& otherwise, std::string (*mistake)(std::string_view),
                        const std::string& given_up);

} // namespace nimbus::cli

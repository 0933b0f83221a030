#include "cli/shell_word.h"

#include "base/text.h"

namespace nimbus::cli {

std::string shell_word(std::string_view text)
{
    return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

} // namespace nimbus::cli

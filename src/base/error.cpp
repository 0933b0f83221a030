#include "base/error.h"

#include <system_error>

namespace nimbus {

std::string sentences_of(const Error& error)
{
    std::string text = error.what();
    if (error.hint().empty())
        return text;
    return text + (text.ends_with('.') ? " " : ". ") + error.hint();
}

void throw_system_error(int error_number, const std::string& what, std::string hint)
{
    throw Error(what + ": " + std::generic_category().message(error_number), std::move(hint));
}

} // namespace nimbus

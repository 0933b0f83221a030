#include "base/error.h"

#include <system_error>

namespace nimbus {

std::string sentences_of(const Error& error)
{
    return error.hint().empty() ? error.what() : error.what() + (". " + error.hint());
}

void throw_system_error(int error_number, const std::string& what, std::string hint)
{
    throw Error(what + ": " + std::generic_category().message(error_number), std::move(hint));
}

} // namespace nimbus

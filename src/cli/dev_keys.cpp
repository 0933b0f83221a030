#include "cli/dev_keys.h"

#include "base/error.h"

#include <cerrno>
#include <unistd.h>

namespace nimbus::cli {

DevKeys::DevKeys()
{
    if (::tcgetattr(STDIN_FILENO, &before_) != 0)
        throw_system_error(errno, "Cannot read the settings of the terminal");
    auto by_key = before_;
    by_key.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    by_key.c_cc[VMIN] = 0;
    by_key.c_cc[VTIME] = 0;
    if (::tcsetattr(STDIN_FILENO, TCSANOW, &by_key) != 0)
        throw_system_error(errno, "Cannot read keys from the terminal");
}

DevKeys::~DevKeys()
{
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

int DevKeys::descriptor() const noexcept
{
    return STDIN_FILENO;
}

std::optional<char> DevKeys::take() const
{
    char key = 0;
    const auto got = ::read(STDIN_FILENO, &key, 1);
    if (got == 1)
        return key;
    return got < 0 && errno == EIO ? std::optional('q') : std::nullopt;
}

} // namespace nimbus::cli

#include "cli/standard_input.h"

#include "base/error.h"
#include "base/file.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr std::size_t most = 16 * 1024 * 1024;

std::string read_standard_input()
{
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw_system_error(errno, "Cannot read standard input");
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > most)
            throw Error("Standard input is larger than 16 MiB");
    }
}

} // namespace

std::string read_file_or_input(const std::string& path)
{
    if (path == "-")
        return read_standard_input();
    if (auto text = read_file_if_exists(path))
        return *std::move(text);
    throw UsageError("There is no file '" + path + "'");
}

} // namespace nimbus::cli

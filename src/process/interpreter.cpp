#include "process/interpreter.h"

#include "base/text.h"
#include "base/unique_fd.h"

#include <algorithm>
#include <elf.h>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace nimbus::process {
namespace {

/// Linux reads no more of a script, and PATH_MAX is no longer.
constexpr std::size_t longest = 4096;

/// Up to `longest` bytes at `offset`; fewer at the end of the file.
std::string read_at(int file, std::size_t size, std::uint64_t offset)
{
    std::string bytes(std::min(size, longest), '\0');
    const auto got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

template <class Header>
bool read_header(int file, std::uint64_t offset, Header& header)
{
    return ::pread(file, &header, sizeof header, static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(sizeof header);
}

} // namespace

std::optional<std::string> dynamic_linker_of(int executable)
{
    Elf64_Ehdr header;
    if (!read_header(executable, 0, header))
        return {};
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        if (header.e_phentsize != sizeof segment ||
            !read_header(executable, header.e_phoff + i * sizeof segment, segment))
            return {};
        if (segment.p_type != PT_INTERP)
            continue;
        const auto path = read_at(executable, segment.p_filesz, segment.p_offset);
        return path.substr(0, path.find('\0'));
    }
    return "";
}

std::filesystem::path interpreter_of(const std::filesystem::path& program)
{
    const UniqueFd file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return {};
    const auto start = read_at(file.get(), longest, 0);
    if (start.starts_with(ELFMAG))
        return dynamic_linker_of(file.get()).value_or("");
    if (!start.starts_with("#!"))
        return {};
    // As Linux reads it, to which a carriage return is part of the name: execve(2).
    constexpr std::string_view blanks = " \t";
    auto line = std::string_view(start).substr(2);
    line = line.substr(0, line.find('\n'));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    return line.substr(0, line.find_first_of(blanks));
}

} // namespace nimbus::process

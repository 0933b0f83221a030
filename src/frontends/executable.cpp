#include "frontends/executable.h"

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

namespace nimbus::frontends {
namespace {

/// Up to `size` bytes at `offset`; fewer at the end of the file.
std::string read_at(int fd, std::size_t size, std::uint64_t offset)
{
    std::string bytes(size, '\0');
    const auto got = ::pread(fd, bytes.data(), size, static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

template <class Header>
bool copy_to(Header& header, std::string_view bytes)
{
    if (bytes.size() < sizeof header)
        return false;
    std::memcpy(&header, bytes.data(), sizeof header);
    return true;
}

[[noreturn]] void throw_no_program(const std::filesystem::path& file, const std::string& why)
{
    throw Error("'" + file.string() + "' is not a program for Lambda: " + why,
                "Lambda runs 64-bit Linux executables, and scripts for /bin/sh and /bin/bash.");
}

std::string architecture_of(unsigned machine)
{
    if (machine == EM_X86_64)
        return "x86_64";
    if (machine == EM_AARCH64)
        return "arm64";
    return "ELF machine " + std::to_string(machine);
}

/// The path in the PT_INTERP segment: the dynamic linker.
std::string interpreter_of(int fd, const Elf64_Ehdr& header, const std::filesystem::path& file)
{
    constexpr std::size_t longest = 4096;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        if (header.e_phentsize != sizeof segment ||
            !copy_to(segment, read_at(fd, sizeof segment, header.e_phoff + i * sizeof segment)))
            throw_no_program(file, "its ELF headers are broken");
        if (segment.p_type != PT_INTERP)
            continue;
        const auto path =
            read_at(fd, std::min<std::size_t>(segment.p_filesz, longest), segment.p_offset);
        return path.substr(0, path.find('\0'));
    }
    return {};
}

Executable inspect_elf(int fd, const std::string& start, const std::filesystem::path& file)
{
    Elf64_Ehdr header;
    if (!copy_to(header, start) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_ident[EI_DATA] != ELFDATA2LSB)
        throw_no_program(file, "it is not a 64-bit little-endian executable");
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        throw_no_program(file, "it is an object file, not an executable");
    return {Executable::Kind::elf, architecture_of(header.e_machine),
            interpreter_of(fd, header, file)};
}

/// The first line's words: "/bin/sh", or the program after "/usr/bin/env".
std::string script_interpreter(const std::string& start)
{
    const auto line = std::string_view(start).substr(2, start.find('\n') - 2);
    std::string interpreter;
    for (const auto word : split(trim(line), ' ')) {
        if (word.empty() || word.starts_with('-'))
            continue;
        interpreter = word;
        if (word != "/usr/bin/env")
            break;
    }
    return interpreter;
}

void require_known_interpreter(const std::string& interpreter, const std::string& name)
{
    for (const auto* known : {"/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash", "sh", "bash"})
        if (interpreter == known)
            return;
    throw Error(name + " is a script for '" + interpreter + "', which Lambda does not have",
                "Lambda's provided.al2023 has /bin/sh and /bin/bash.");
}

} // namespace

Executable inspect_executable(const std::filesystem::path& file)
{
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw_system_error(errno, "Cannot read '" + file.string() + "'");
    const auto start = read_at(fd.get(), 256, 0);
    if (start.starts_with("#!"))
        return {Executable::Kind::script, {}, script_interpreter(start)};
    if (start.starts_with(ELFMAG))
        return inspect_elf(fd.get(), start, file);
    throw_no_program(file, "it is neither an ELF executable nor a script");
}

void require_runs_on_lambda(const Executable& executable, const std::string& architecture,
                            const std::string& name)
{
    if (executable.kind == Executable::Kind::script)
        return require_known_interpreter(executable.interpreter, name);
    if (executable.architecture != architecture)
        throw Error(name + " declares the architecture " + architecture +
                        ", and its program is built for " + executable.architecture,
                    "Build it on, or for, the architecture it declares.");
    if (!executable.interpreter.empty())
        throw Error(name + " is linked dynamically (it needs " + executable.interpreter +
                        " and libraries of this machine), so Lambda could not run it",
                    "Link it with -static, as nimbus_add_app() does.");
}

} // namespace nimbus::frontends

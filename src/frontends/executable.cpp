#include "frontends/executable.h"

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "process/interpreter.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

namespace nimbus::frontends {
namespace {

/// At most 256 bytes, fewer of a shorter file.
std::string start_of(int fd)
{
    std::string bytes(256, '\0');
    const auto got = ::pread(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
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

Executable inspect_elf(int fd, const std::string& start, const std::filesystem::path& file)
{
    Elf64_Ehdr header;
    if (start.size() >= sizeof header)
        std::memcpy(&header, start.data(), sizeof header);
    if (start.size() < sizeof header || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_ident[EI_DATA] != ELFDATA2LSB)
        throw_no_program(file, "it is not a 64-bit little-endian executable");
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        throw_no_program(file, "it is an object file, not an executable");
    auto interpreter = process::dynamic_linker_of(fd);
    if (!interpreter)
        throw_no_program(file, "its ELF headers are broken");
    return {Executable::Kind::elf, architecture_of(header.e_machine), *std::move(interpreter)};
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
    const auto start = start_of(fd.get());
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

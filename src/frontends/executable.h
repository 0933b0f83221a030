#pragma once

#include <filesystem>
#include <string>

namespace nimbus::frontends {

/// What Lambda's provided.al2023 has to do with an executable.
struct Executable {
    enum class Kind { elf, script };

    Kind kind = Kind::elf;
    std::string architecture; ///< Lambda's name, or "ELF machine <n>"; empty for scripts
    std::string interpreter;  ///< of a script, or of a dynamic executable; empty: static
};

/// Reads the headers (ELF: System V ABI, chapter 4). Throws Error, naming the file, when it is
/// neither a 64-bit little-endian ELF executable nor a script.
Executable inspect_executable(const std::filesystem::path& file);

/// Throws Error when Lambda could not run it on the architecture that is declared: it is for
/// another one, or needs an interpreter or C library that is not there. `name` is the application's
/// file.
void require_runs_on_lambda(const Executable& executable, const std::string& architecture,
                            const std::string& name);

} // namespace nimbus::frontends

#pragma once

#include <filesystem>
#include <optional>
#include <string>

/// What Linux runs programs with. Sources: execve(2), elf(5).
namespace nimbus::process {

/// The dynamic linker that a 64-bit ELF executable names in its segment PT_INTERP; empty: it is
/// linked statically. Nothing when the headers are broken.
std::optional<std::string> dynamic_linker_of(int executable);

/// The dynamic linker, or the program in the first line of a script: "/bin/sh" of "#!/bin/sh -e".
/// Empty: none is named, or the file cannot be read.
std::filesystem::path interpreter_of(const std::filesystem::path& program);

} // namespace nimbus::process

#pragma once

#include <cstring>
#include <elf.h>
#include <string>

namespace nimbus::frontends {

/// An ELF header without segments.
inline std::string elf(unsigned short machine, unsigned short type = ET_EXEC)
{
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = machine;
    header.e_type = type;
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

} // namespace nimbus::frontends

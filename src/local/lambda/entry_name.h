#pragma once

#include <algorithm>
#include <string_view>

namespace nimbus::local {

/// Does an entry of a function's zip stay in the directory that it is unpacked into? A backslash
/// separates, too, for some who unpack, and "C:" is another place for them. Here it is a character
/// like others: "lib\\data" is a file of that name, as on Lambda.
inline bool stays_in_directory(std::string_view name)
{
    constexpr std::string_view separators = "/\\";
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (name.empty() || separators.contains(name.front()) ||
        (name.size() > 1 && is_letter(name.front()) && name[1] == ':'))
        return false;
    while (true) {
        const auto end = std::min(name.find_first_of(separators), name.size());
        if (name.substr(0, end) == "..")
            return false;
        if (end == name.size())
            return true;
        name.remove_prefix(end + 1);
    }
}

} // namespace nimbus::local

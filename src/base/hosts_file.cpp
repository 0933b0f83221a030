#include "base/hosts_file.h"

#include "base/file.h"
#include "base/text.h"

namespace nimbus {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

/// Takes the first word off `line`; empty when none is left.
std::string_view take_word(std::string_view& line)
{
    const auto start = line.find_first_not_of(blanks);
    if (start == std::string_view::npos)
        return {};
    line.remove_prefix(start);
    const auto word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

} // namespace

HostAddresses parse_hosts(std::string_view text)
{
    HostAddresses hosts;
    for (auto line : split(text, '\n')) {
        line = line.substr(0, line.find('#'));
        const auto address = take_word(line);
        for (auto name = take_word(line); !name.empty(); name = take_word(line))
            hosts.emplace(to_lower(name), address);
    }
    return hosts;
}

std::string hosts_lines(const HostAddresses& hosts)
{
    std::string lines;
    for (const auto& [name, address] : hosts)
        lines += address + ' ' + name + '\n';
    return lines;
}

std::optional<std::string> find_host(const std::filesystem::path& file, std::string_view host)
{
    if (file.empty())
        return {};
    const auto text = read_file_if_exists(file);
    if (!text)
        return {};
    const auto hosts = parse_hosts(*text);
    const auto found = hosts.find(to_lower(host));
    return found == hosts.end() ? std::nullopt : std::optional(found->second);
}

} // namespace nimbus

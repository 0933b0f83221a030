#include "local/gateway/host_name.h"

#include "base/text.h"

namespace nimbus::local::gateway {
namespace {

constexpr std::string_view local_name = "localhost";

std::string_view without_port(std::string_view host) noexcept
{
    const auto colon = host.find(':');
    return host.substr(0, colon);
}

bool is_below_localhost(std::string_view name) noexcept
{
    return name.size() > local_name.size() + 1 &&
           iequals(name.substr(name.size() - local_name.size()), local_name) &&
           name[name.size() - local_name.size() - 1] == '.';
}

} // namespace

bool host_is_allowed(std::string_view host, std::string_view domain_name) noexcept
{
    // Addresses are what no name can be: bracketed, or digits and dots.
    if (host.empty() || host.starts_with('['))
        return true;
    const auto name = without_port(host);
    if (name.find_first_not_of("0123456789.") == std::string_view::npos)
        return true;
    return iequals(name, local_name) || is_below_localhost(name) || iequals(name, domain_name);
}

} // namespace nimbus::local::gateway

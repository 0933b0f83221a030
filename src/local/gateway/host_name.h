#pragma once

#include <string_view>

namespace nimbus::local::gateway {

/// May a request with this Host header (name and optional port) be answered? `domain_name` is the
/// API's own. See Gateway for why it is asked. A request without Host, as HTTP/1.0 has it, comes
/// from no browser and may.
bool host_is_allowed(std::string_view host, std::string_view domain_name) noexcept;

} // namespace nimbus::local::gateway

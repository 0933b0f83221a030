#pragma once

#include <filesystem>
#include <optional>

namespace nimbus {

/// The PEM file of the certificate authorities that this system trusts: what SSL_CERT_FILE names
/// (which is not looked at), as for OpenSSL; else the first that is there and can be read of those
/// that Debian, Amazon Linux and Fedora, and Alpine keep. Nothing when there is none.
std::optional<std::filesystem::path> system_ca_bundle();

} // namespace nimbus

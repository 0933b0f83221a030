#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace nimbus::crypto {

/// A certificate and its private key, both PEM.
struct CertificateAndKey {
    std::string certificate_pem;
    std::string private_key_pem;
};

/// A self-signed CA with an ECDSA P-256 key (RFC 5280: basicConstraints CA, keyCertSign).
CertificateAndKey create_certificate_authority(const std::string& common_name,
                                               std::chrono::days valid_for);

/// What keeps these two from signing certificates now, as the end of "the certificate authority …";
/// empty when nothing does.
std::string fault_of_authority(const CertificateAndKey& authority);

/// What a server certificate is good for: DNS names (wildcards allowed) and IP addresses as text.
struct SubjectAlternativeNames {
    std::vector<std::string> dns;
    std::vector<std::string> ip;
};

/// A server certificate (ECDSA P-256, serverAuth) signed by `authority`; `certificate_pem` holds
/// the leaf alone. Throws Error when the authority's PEM does not parse.
CertificateAndKey issue_server_certificate(const CertificateAndKey& authority,
                                           const std::string& common_name,
                                           const SubjectAlternativeNames& names,
                                           std::chrono::days valid_for);

} // namespace nimbus::crypto

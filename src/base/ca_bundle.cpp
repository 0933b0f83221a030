#include "base/ca_bundle.h"

#include <cstdlib>
#include <unistd.h>

namespace nimbus {

std::optional<std::filesystem::path> system_ca_bundle()
{
    if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file)
        return file;
    for (const char* file : {"/etc/ssl/certs/ca-certificates.crt", // Debian
                             "/etc/pki/tls/certs/ca-bundle.crt",   // Amazon Linux, Fedora
                             "/etc/ssl/cert.pem"})                 // Alpine
        if (::access(file, R_OK) == 0)
            return file;
    return std::nullopt;
}

} // namespace nimbus

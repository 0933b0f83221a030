#pragma once

#include "base/backoff.h"
#include "base/time.h"
#include "io/http_client.h"
#include "secret/cache.h"
#include "sigv4/sigv4.h"

#include <optional>
#include <string>

namespace nimbus::detail {

/// GetSecretValue of AWS Secrets Manager for one secret: AWS Secrets Manager API Reference,
/// "GetSecretValue". Does not change once it is made, so that any thread may use it.
class SecretsManager {
public:
    struct Settings {
        std::string name; ///< of the secret in the application, for messages
        std::string arn;
        std::string region;
        HttpEndpoint endpoint;
        sigv4::Credentials credentials;
        std::string ca_file{}; ///< empty: the system's
        Backoff backoff{.first = std::chrono::milliseconds{100},
                        .longest = std::chrono::milliseconds{2000}};
    };

    /// How often a value is asked for until a failure that may pass is the caller's.
    static constexpr int max_attempts = 5;

    /// Reads the CA certificates when the endpoint speaks TLS. Throws secret_unavailable when there
    /// are none.
    explicit SecretsManager(Settings settings);

    /// Asks again after a failure that may pass, with growing pauses, until the deadline. Throws
    /// secret_error.
    SecretValue get_value(const Deadline& deadline) const;

private:
    SecretValue attempt(const Deadline& deadline) const;
    HttpAnswer ask(const Deadline& deadline) const;

    Settings settings_;
    std::optional<TlsRoots> roots_;
};

/// For the secret `name` as the environment of a deployed function has it: SECRET_<NAME>_ARN,
/// AWS_REGION, the credentials, and where they are set AWS_ENDPOINT_URL_SECRETS_MANAGER or
/// AWS_ENDPOINT_URL, and AWS_CA_BUNDLE. Throws secret_not_deployed, or secret_unavailable when a
/// variable makes no sense.
SecretsManager::Settings settings_from_environment(const std::string& name);

} // namespace nimbus::detail

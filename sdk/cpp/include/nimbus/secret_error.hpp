#pragma once

#include <stdexcept>
#include <string>
#include <utility>

/// What can go wrong with a secret, by type; every one derives from secret_error. Messages name the
/// secret and the way out, and never hold a value.
namespace nimbus {

class secret_error : public std::runtime_error {
public:
    secret_error(std::string secret, const std::string& message)
        : std::runtime_error(message), secret_(std::move(secret))
    {
    }

    /// Its name.
    const std::string& secret() const noexcept { return secret_; }

private:
    std::string secret_;
};

/// It has no value yet: `nimbus secret set` gives it one.
class secret_not_set : public secret_error {
public:
    using secret_error::secret_error;
};

/// There is no such secret: SECRET_<NAME>_ARN is not set, or Secrets Manager does not know it.
class secret_not_deployed : public secret_error {
public:
    using secret_error::secret_error;
};

/// The function may not read it, or not decrypt it.
class secret_access_denied : public secret_error {
public:
    using secret_error::secret_error;
};

/// Secrets Manager was not reached, or did not answer in time, also when asked again.
class secret_unavailable : public secret_error {
public:
    using secret_error::secret_error;
};

/// The value is not what the program takes it for: no text, no JSON, other JSON.
class secret_format_error : public secret_error {
public:
    using secret_error::secret_error;
};

} // namespace nimbus

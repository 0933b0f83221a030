#pragma once

#include "base/time.h"
#include "sigv4/sigv4.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace nimbus::aws {

struct Credentials {
    sigv4::Credentials keys;
    std::optional<SystemTime> expires; ///< absent: long-term
};

/// Gives credentials that are valid now, or throws Error that says what to do. From any thread.
using CredentialSource = std::function<Credentials()>;

/// Always the same ones.
CredentialSource fixed_credentials(sigv4::Credentials keys);

/// Asks `source` the first time, and again five minutes before what it gave expires. If it fails
/// while the old ones are still good, they are used until they are not.
CredentialSource cached(CredentialSource source, Clock clock = system_now);

} // namespace nimbus::aws

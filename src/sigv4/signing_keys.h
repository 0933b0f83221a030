#pragma once

#include "base/mutex.h"
#include "sigv4/sigv4.h"

#include <map>
#include <string>
#include <string_view>

namespace nimbus::sigv4 {

/// Keeps the signing keys that were made: one serves all requests of a day to a Region's service,
/// and takes four HMACs to make where a signature takes one. Thread-safe.
class SigningKeys {
public:
    /// What signing_key() makes.
    std::string get(std::string_view secret_access_key, const Scope& scope);

private:
    Mutex mutex_;
    std::map<std::string, std::string> keys_ NIMBUS_GUARDED_BY(mutex_); ///< by scope and secret
};

} // namespace nimbus::sigv4

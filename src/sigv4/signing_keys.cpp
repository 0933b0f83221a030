#include "sigv4/signing_keys.h"

namespace nimbus::sigv4 {
namespace {

/// Who verifies gets scopes as callers name them: without end, and of any day.
constexpr std::size_t most_keys = 256;

} // namespace

std::string SigningKeys::get(std::string_view secret_access_key, const Scope& scope)
{
    const auto of = scope.text().append("\n").append(secret_access_key);
    const MutexLock lock(mutex_);
    if (const auto known = keys_.find(of); known != keys_.end())
        return known->second;
    if (keys_.size() == most_keys)
        keys_.clear();
    return keys_.emplace(of, signing_key(secret_access_key, scope)).first->second;
}

} // namespace nimbus::sigv4

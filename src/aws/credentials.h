#pragma once

#include "base/time.h"
#include "sigv4/sigv4.h"

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace nimbus::aws {

struct Credentials {
    sigv4::Credentials keys;
    std::optional<SystemTime> expires = {}; ///< absent: long-term
    std::string origin = {};                ///< for people: "profile 'dev', SSO session 'corp'"
};

/// Gives credentials that are valid now, or throws Error that says what to do. From any thread.
class CredentialSource {
public:
    using Get = std::function<Credentials()>;
    using Discard = std::function<void(const Credentials&)>;

    /// `discard`: see there; without it, what `get` gives is always new.
    template <class Callable>
        requires std::convertible_to<std::invoke_result_t<Callable&>, Credentials>
    CredentialSource(Callable get, Discard discard = {})
        : get_(std::move(get)), discard_(std::move(discard))
    {
    }

    Credentials operator()() const { return get_(); }

    /// AWS says that these have expired, whatever their own time says: they are not given again
    /// unless they are all that there is.
    void discard(const Credentials& expired) const
    {
        if (discard_)
            discard_(expired);
    }

private:
    Get get_;
    Discard discard_;
};

/// Always the same ones.
CredentialSource fixed_credentials(sigv4::Credentials keys, std::string origin = {});

/// Asks `source` the first time, again five minutes before what it gave expires, and after these
/// were discarded. If it fails while the old ones are still good, they are used until they are not.
CredentialSource cached(CredentialSource source, Clock clock = system_now);

} // namespace nimbus::aws

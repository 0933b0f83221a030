#pragma once

#include "base/mutex.h"

#include <functional>
#include <optional>
#include <string>

namespace nimbus::aws {

/// Asks a person for the code that the MFA device shows; nothing when the input ends.
using AskMfaCode = std::function<std::optional<std::string>(const std::string& serial)>;

/// Asks for a code once, while a command begins. In the middle of a deploy nobody sits there, and
/// the lock would wait for them.
class MfaPrompt {
public:
    /// `ask`: empty when no person is there.
    explicit MfaPrompt(AskMfaCode ask = {});

    /// Throws Error with the way out when no person is there, the answer is no code, or the time to
    /// ask is over. From any thread.
    std::string code(const std::string& serial, const std::string& profile);

    /// The command has begun: nobody is asked from now on, and `ask` is not called again.
    void close();

private:
    const bool had_person_;
    Mutex mutex_;
    AskMfaCode ask_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::aws

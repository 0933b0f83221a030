#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace nimbus::aws {

/// Asks a person for the code that the MFA device shows; nothing when the input ends. Empty when no
/// person is there.
using AskMfaCode = std::function<std::optional<std::string>(const std::string& serial)>;

/// Asks for a code once. Whoever runs a command answers at its beginning; in the middle of a deploy
/// nobody sits there, and the lock would wait for them.
class MfaPrompt {
public:
    explicit MfaPrompt(AskMfaCode ask) : ask_(std::move(ask)) {}

    /// Throws Error with the way out when no person is there, the answer is no code, or one was
    /// asked for before. From any thread.
    std::string code(const std::string& serial, const std::string& profile);

private:
    const AskMfaCode ask_;
    std::once_flag asked_;
};

} // namespace nimbus::aws

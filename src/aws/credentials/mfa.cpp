#include "aws/credentials/mfa.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <utility>

namespace nimbus::aws {
namespace {

/// Source: IAM User Guide, "MFA": devices show six digits.
constexpr std::size_t digits_of_code = 6;

bool is_code(std::string_view text)
{
    return text.size() == digits_of_code &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

MfaPrompt::MfaPrompt(AskMfaCode ask) : had_person_(static_cast<bool>(ask)), ask_(std::move(ask)) {}

std::string MfaPrompt::code(const std::string& serial, const std::string& profile)
{
    if (!had_person_)
        throw Error(
            "The role of the AWS profile '" + profile + "' wants a code of the MFA device " +
                serial + ", and no person is there to type it",
            "Run `AWS_PROFILE=" + profile +
                " nimbus whoami --aws` on a terminal first: the session that it starts is kept in "
                "~/.aws/cli/cache. Machines need credentials without MFA.");
    const MutexLock lock(mutex_);
    const auto ask = std::exchange(ask_, {});
    if (!ask)
        throw Error("The MFA session of the AWS profile '" + profile + "' has ended",
                    "Run the command again: it asks for a new code and continues from here.");
    const auto answer = ask(serial);
    const auto text = std::string(trim(answer.value_or("")));
    if (!is_code(text))
        throw Error(answer ? "'" + text + "' is not an MFA code" : "No MFA code was given",
                    "A code has " + std::to_string(digits_of_code) + " digits; run this again.");
    return text;
}

void MfaPrompt::close()
{
    const MutexLock lock(mutex_);
    ask_ = {};
}

} // namespace nimbus::aws

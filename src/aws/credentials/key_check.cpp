#include "aws/credentials/key_check.h"

#include "base/control_character.h"
#include "base/error.h"

#include <algorithm>
#include <array>

namespace nimbus::aws {

void check_header_value(std::string_view value, const std::string& what, const std::string& origin)
{
    if (!has_control_character(value))
        return;
    throw Error(what + (origin.empty() ? "" : " of " + origin) +
                    " holds a line end or another control character",
                "Write it again there. A file of variables with the line ends of Windows leaves "
                "one in each of them.");
}

void check_keys(const Credentials& credentials)
{
    const auto& [keys, expires, origin] = credentials;
    check_header_value(keys.access_key_id, "The access key ID", origin);
    check_header_value(keys.secret_access_key, "The secret access key", origin);
    check_header_value(keys.session_token, "The session token", origin);
}

bool is_unknown_key(std::string_view error_code)
{
    constexpr std::array<std::string_view, 4> codes{"InvalidClientTokenId",
                                                    "UnrecognizedClientException",
                                                    "InvalidAccessKeyId", "InvalidToken"};
    return std::ranges::find(codes, error_code) != codes.end();
}

std::string unknown_token_hint(const Credentials& credentials)
{
    return "The access key or its session token is unknown there. They come from: " +
           credentials.origin +
           ". An AWS_SESSION_TOKEN (aws_session_token in a profile) that is left over from other "
           "keys does that: unset it. Else check AWS_PROFILE and AWS_ENDPOINT_URL.";
}

} // namespace nimbus::aws

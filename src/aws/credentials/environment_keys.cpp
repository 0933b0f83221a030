#include "aws/credentials/environment_keys.h"

#include "aws/credentials/key_check.h"
#include "aws/credentials/timestamp.h"
#include "base/error.h"

namespace nimbus::aws {

std::optional<Credentials> credentials_of_environment(const Environment& environment)
{
    const auto key = [&](const std::string& variable) {
        auto value = environment(variable);
        check_header_value(value.value_or(""), "The variable " + variable, {});
        return value;
    };
    const auto id = key("AWS_ACCESS_KEY_ID");
    if (!id)
        return {};
    const auto secret = key("AWS_SECRET_ACCESS_KEY");
    if (!secret)
        throw Error("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
                    "Set both, or neither to use an AWS profile.");
    auto token = key("AWS_SESSION_TOKEN");
    if (!token)
        token = key("AWS_SECURITY_TOKEN");
    Credentials credentials{.keys = {.access_key_id = *id,
                                     .secret_access_key = *secret,
                                     .session_token = token.value_or("")},
                            .origin = "environment (AWS_ACCESS_KEY_ID)"};
    if (const auto expiration = environment("AWS_CREDENTIAL_EXPIRATION"))
        credentials.expires = parse_timestamp(*expiration);
    return credentials;
}

} // namespace nimbus::aws

#include "aws/credential_process.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "process/child_process.h"

#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::seconds time_limit{60};
constexpr std::size_t max_quoted_error = 400;

Credentials parse(std::string_view output, const std::string& subject)
{
    const auto value = parse_json(output, "the output of " + subject);
    const auto* object = value.if_object();
    if (object == nullptr || integer_member(*object, "Version") != 1)
        throw Error("The output of " + subject + " has no \"Version\": 1");
    Credentials credentials{
        .keys = {.access_key_id = string_or_empty(*object, "AccessKeyId"),
                 .secret_access_key = string_or_empty(*object, "SecretAccessKey"),
                 .session_token = string_or_empty(*object, "SessionToken")}};
    if (credentials.keys.access_key_id.empty() || credentials.keys.secret_access_key.empty())
        throw Error("The output of " + subject + " lacks AccessKeyId or SecretAccessKey");
    if (const auto expiration = string_member(*object, "Expiration")) {
        credentials.expires = parse_iso8601(*expiration);
        if (!credentials.expires)
            throw Error("Expiration in the output of " + subject + " is not a time");
    }
    return credentials;
}

} // namespace

Credentials credentials_from_process(const std::string& command, const std::string& profile)
{
    const std::string subject = "credential_process of the AWS profile '" + profile + "'";
    const auto output =
        process::run({.arguments = {"/bin/sh", "-c", command}}, Deadline::after(time_limit));
    if (!output.status.success())
        throw Error(subject + " failed with " + output.status.text() + ": " +
                        std::string(trim(output.standard_error).substr(0, max_quoted_error)),
                    "Try the command by hand: " + command);
    return parse(output.standard_output, subject);
}

} // namespace nimbus::aws

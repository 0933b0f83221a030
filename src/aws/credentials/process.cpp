#include "aws/credentials/process.h"

#include "aws/credentials/json_credentials.h"
#include "base/error.h"
#include "base/text.h"
#include "process/child_process.h"

#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::seconds time_limit{60};
constexpr std::size_t max_quoted_error = 400;

Credentials parse(std::string_view output, const std::string& subject)
{
    const auto value = parse_json(output, subject);
    const auto* object = value.if_object();
    if (object == nullptr || integer_member(*object, "Version") != 1)
        throw Error("\"Version\": 1 is missing in " + subject);
    return credentials_from(*object, sts_names, subject);
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
    auto credentials = parse(output.standard_output, "the output of " + subject);
    credentials.origin = "profile '" + profile + "', credential_process";
    return credentials;
}

} // namespace nimbus::aws

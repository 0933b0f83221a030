#include "aws/credentials/process.h"

#include "aws/credentials/json_credentials.h"
#include "base/error.h"
#include "base/text.h"
#include "process/child_process.h"

namespace nimbus::aws {
namespace {

constexpr std::size_t max_quoted_error = 400;
constexpr std::size_t longest_output = std::size_t{1024} * 1024;

/// What is wrong with it, and what to do. The command is not shown: it may hold a secret.
[[noreturn]] void fail(const CredentialProcess& process, const std::string& problem)
{
    throw Error("The credential_process of the AWS profile '" + process.profile + "' in " +
                    process.file + ' ' + problem,
                "Run its command by hand.");
}

process::Output run(const CredentialProcess& process)
{
    const auto deadline = Deadline::after(process.time_limit);
    try {
        return process::run({.arguments = {"/bin/sh", "-c", process.command}, .new_group = true},
                            deadline, {.bytes = longest_output, .ends_program = true});
    } catch (const process::TooMuchOutput&) {
        fail(process, "wrote more than 1 MiB and was stopped");
    } catch (const Error&) {
        if (!deadline.reached())
            throw;
        fail(process, "did not end within " + std::to_string(process.time_limit.count()) +
                          " s and was stopped");
    }
}

template <class Read>
auto read_or_fail(const CredentialProcess& process, Read read)
{
    try {
        return read();
    } catch (const Error& error) {
        fail(process, "wrote no credentials: " + std::string(error.what()));
    }
}

Credentials parse(const CredentialProcess& process, const std::string& output)
{
    constexpr const char* subject = "its output";
    if (trim(output).empty())
        fail(process, "wrote nothing to its standard output");
    const auto value = read_or_fail(process, [&] { return parse_json(output, subject); });
    const auto* object = value.if_object();
    if (object == nullptr || integer_member(*object, "Version") != 1)
        fail(process, "wrote no credentials: \"Version\": 1 is missing in its output");
    return read_or_fail(process, [&] { return credentials_from(*object, sts_names, subject); });
}

} // namespace

Credentials credentials_from_process(const CredentialProcess& process, SystemTime now)
{
    const auto output = run(process);
    if (!output.status.success())
        fail(process, "failed with " + output.status.text() + ": " +
                          std::string(trim(output.standard_error).substr(0, max_quoted_error)));
    auto credentials = parse(process, output.standard_output);
    if (credentials.expires && *credentials.expires <= now)
        fail(process, "wrote credentials that have expired, at " +
                          format_iso8601_seconds(*credentials.expires));
    credentials.origin = "profile '" + process.profile + "', credential_process";
    return credentials;
}

} // namespace nimbus::aws

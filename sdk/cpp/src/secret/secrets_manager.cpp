#include "secret/secrets_manager.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "io/environment.h"
#include "io/random_pause.h"

#include <algorithm>
#include <array>
#include <nimbus/secret_error.hpp>
#include <thread>
#include <utility>

namespace nimbus::detail {

namespace {

/// A secret's value has at most 65,536 bytes (AWS Secrets Manager User Guide, "Quotas"), which
/// JSON's escapes make six times as many.
constexpr std::size_t max_answer = 512 * 1024;
/// One attempt may not eat up the time for the others.
constexpr std::chrono::seconds longest_attempt{3};

/// Source: botocore's partitions.json.
std::string_view domain_of(std::string_view partition)
{
    using Entry = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Entry, 6> others{
        Entry{"aws-cn", "amazonaws.com.cn"},  Entry{"aws-eusc", "amazonaws.eu"},
        Entry{"aws-iso", "c2s.ic.gov"},       Entry{"aws-iso-b", "sc2s.sgov.gov"},
        Entry{"aws-iso-e", "cloud.adc-e.uk"}, Entry{"aws-iso-f", "csp.hci.ic.gov"}};
    const auto found = std::ranges::find(others, partition, &Entry::first);
    return found == others.end() ? "amazonaws.com" : found->second;
}

HttpEndpoint endpoint_in(std::string_view partition, const std::string& region,
                         const std::string& secret)
{
    for (const auto* variable : {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"})
        if (const auto url = environment_variable(variable)) {
            if (auto endpoint = HttpEndpoint::parse(*url))
                return *endpoint;
            throw secret_unavailable(secret, "the secret " + secret +
                                                 " cannot be read: " + variable +
                                                 " is not the URL of an endpoint, such "
                                                 "as http://127.0.0.1:4566");
        }
    return {.host = "secretsmanager." + region + "." + std::string(domain_of(partition))};
}

/// What the service says of a failure. The body holds no value then.
struct Refusal {
    std::string code;
    std::string message;
};

/// `__type` may come with a namespace before # and a link behind a colon (Smithy's AWS JSON 1.1
/// protocol, "Operation error serialization").
Refusal refusal_in(const HttpAnswer& answer)
{
    try {
        const auto document = parse_json(answer.body, "the answer");
        const auto& fields = document.as_object();
        auto code = string_or_empty(fields, "__type");
        code.erase(0, code.find('#') + 1);
        code.resize(std::min(code.size(), code.find(':')));
        auto message = string_member(fields, "message");
        return {code, message ? *message : string_or_empty(fields, "Message")};
    } catch (const std::exception&) {
        return {};
    }
}

bool may_pass(const HttpAnswer& answer, const Refusal& refusal)
{
    return answer.status >= 500 || answer.status == 429 ||
           refusal.code.find("Throttl") != std::string::npos ||
           refusal.code == "RequestLimitExceeded" || refusal.code == "TooManyRequestsException";
}

std::string cannot_be_read(const std::string& secret)
{
    return "the secret " + secret + " cannot be read: ";
}

[[noreturn]] void throw_refusal(const std::string& name, const HttpAnswer& answer,
                                const Refusal& refusal)
{
    const auto& [code, message] = refusal;
    if (code == "ResourceNotFoundException" && message.find("AWSCURRENT") != std::string::npos)
        throw secret_not_set(name, "the secret " + name +
                                       " has no value yet; give it one with: nimbus secret set " +
                                       name);
    if (code == "ResourceNotFoundException" ||
        (code == "InvalidRequestException" && message.find("deletion") != std::string::npos))
        throw secret_not_deployed(name, cannot_be_read(name) + message +
                                            " `nimbus deploy` creates or restores it.");
    if (code == "AccessDeniedException" || code == "AccessDenied")
        throw secret_access_denied(
            name, cannot_be_read(name) + message +
                      " (the function does not list it in `uses`, or was not deployed since)");
    if (code == "DecryptionFailure")
        throw secret_access_denied(name, cannot_be_read(name) + message +
                                             " (may the function use its KMS key?)");
    const auto status = std::to_string(answer.status) + (code.empty() ? "" : " " + code);
    if (may_pass(answer, refusal))
        throw secret_unavailable(name, cannot_be_read(name) + "Secrets Manager answers " + status +
                                           (message.empty() ? "" : ": " + message));
    throw secret_error(name, cannot_be_read(name) + "Secrets Manager answers " + status +
                                 (message.empty() ? "" : ": " + message));
}

/// Says nothing of what is in the answer.
SecretValue value_in(const HttpAnswer& answer, const std::string& name)
{
    try {
        const auto document = parse_json(answer.body, "the answer");
        const auto& fields = document.as_object();
        if (auto text = string_member(fields, "SecretString"))
            return {*std::move(text), true};
        if (const auto encoded = string_member(fields, "SecretBinary"))
            if (auto bytes = base64_decode(*encoded))
                return {*std::move(bytes), false};
    } catch (const std::exception&) {
        // Below.
    }
    throw secret_error(name, cannot_be_read(name) +
                                 "the answer of Secrets Manager holds neither SecretString nor "
                                 "SecretBinary");
}

std::optional<TlsRoots> roots_for(const SecretsManager::Settings& settings)
{
    if (!settings.endpoint.tls)
        return std::nullopt;
    try {
        return TlsRoots(settings.ca_file);
    } catch (const Error& failure) {
        throw secret_unavailable(settings.name, cannot_be_read(settings.name) + failure.what());
    }
}

} // namespace

SecretsManager::Settings settings_from_environment(const std::string& name)
{
    const auto variable = variable_prefix("SECRET", name) + "ARN";
    const auto arn = environment_variable(variable);
    const auto region = environment_variable("AWS_REGION");
    const auto credentials = environment_credentials();
    if (!arn && manifest_out())
        throw secret_not_deployed(
            name, cannot_be_read(name) +
                      "nimbus runs the program to learn what it declares, and there is no value "
                      "then; ask for the value in a handler, not in main() or for a global "
                      "variable");
    if (!arn)
        throw secret_not_deployed(
            name,
            cannot_be_read(name) + variable +
                " is not set; deploy the application, and where the function has `uses`, list "
                "the secret there");
    const auto parsed = Arn::parse(*arn);
    if (!parsed)
        throw secret_not_deployed(name, cannot_be_read(name) + variable + " is not an ARN");
    if (!region || !credentials)
        throw secret_not_deployed(name, cannot_be_read(name) +
                                            "AWS_REGION, AWS_ACCESS_KEY_ID and "
                                            "AWS_SECRET_ACCESS_KEY are not all set, as they are in "
                                            "a deployed function");
    return {.name = name,
            .arn = *arn,
            .region = *region,
            .endpoint = endpoint_in(parsed->partition, *region, name),
            .credentials = *credentials,
            .ca_file = environment_variable("AWS_CA_BUNDLE").value_or("")};
}

SecretsManager::SecretsManager(Settings settings)
    : settings_(std::move(settings)), roots_(roots_for(settings_))
{
}

HttpAnswer SecretsManager::ask(const Deadline& deadline) const
{
    const auto body = compact_json(json::object{{"SecretId", settings_.arn}});
    sigv4::Request request{.method = "POST",
                           .path = "/",
                           .query = "",
                           .headers = {{"Host", settings_.endpoint.authority()},
                                       {"Content-Type", "application/x-amz-json-1.1"},
                                       {"X-Amz-Target", "secretsmanager.GetSecretValue"}}};
    sigv4::sign_headers(request, settings_.credentials, settings_.region, "secretsmanager",
                        crypto::sha256_hex(body), system_now());
    const auto limit = std::min<std::chrono::milliseconds>(deadline.remaining(), longest_attempt);
    try {
        return exchange(settings_.endpoint, request, body, roots_ ? &*roots_ : nullptr, max_answer,
                        Deadline::after(limit));
    } catch (const std::runtime_error& failure) { // StreamError or Error
        throw secret_unavailable(settings_.name, cannot_be_read(settings_.name) +
                                                     settings_.endpoint.authority() + ": " +
                                                     failure.what());
    }
}

SecretValue SecretsManager::attempt(const Deadline& deadline) const
{
    const auto answer = ask(deadline);
    if (answer.status != 200)
        throw_refusal(settings_.name, answer, refusal_in(answer));
    return value_in(answer, settings_.name);
}

SecretValue SecretsManager::get_value(const Deadline& deadline) const
{
    for (int failures = 1;; ++failures) {
        try {
            return attempt(deadline);
        } catch (const secret_unavailable&) {
            const auto pause = random_pause(settings_.backoff, failures);
            if (failures == max_attempts || deadline.remaining() <= pause)
                throw;
            std::this_thread::sleep_for(pause);
        }
    }
}

} // namespace nimbus::detail

#include "aws/client.h"

#include "aws/clock_skew.h"
#include "aws/credentials/key_check.h"
#include "aws/web_page.h"
#include "base/encoding.h"
#include "base/number.h"
#include "crypto/digest.h"
#include "sigv4/signing_keys.h"

#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace nimbus::aws {
namespace {

double thread_random()
{
    thread_local std::minstd_rand generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

std::optional<int> to_positive(std::string_view text)
{
    const auto number = parse_number<int>(text);
    return number && *number > 0 ? number : std::nullopt;
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters)
{
    std::string query;
    for (const auto& [name, value] : parameters) {
        if (!query.empty())
            query += '&';
        query += percent_encode(name);
        if (!value.empty())
            query += "=" + percent_encode(value);
    }
    return query;
}

std::string path_at(const Endpoint& endpoint, const Encoded& encoded)
{
    if (!endpoint.path_style || encoded.bucket.empty())
        return encoded.path;
    return "/" + percent_encode(encoded.bucket) + (encoded.path == "/" ? "" : encoded.path);
}

bool is_success(const http::Response& response)
{
    return response.status >= 200 && response.status < 300;
}

/// Of session credentials; refused before anything was done.
bool says_expired(std::string_view code)
{
    return code == "ExpiredToken" || code == "ExpiredTokenException";
}

/// Its other form, a date, is not in use at AWS.
std::optional<std::chrono::seconds> retry_after(const http::Response& response)
{
    const auto seconds = to_positive(response.headers.get("Retry-After"));
    if (!seconds)
        return {};
    return std::chrono::seconds(*seconds);
}

[[noreturn]] void throw_unreachable(const OperationInfo& operation, const Endpoint& endpoint,
                                    const http::TransportError& error)
{
    const auto what = std::string(operation.service.name) + " gave no answer to " +
                      std::string(operation.name) + " at " + endpoint.origin + ": " + error.what();
    if (error.maybe_sent() && !operation.is_idempotent())
        throw AnswerLost(
            what,
            "Check the network. It may have been done all the same: look before you repeat it.");
    throw Error(what,
                endpoint.is_aws
                    ? "Check the network, HTTPS_PROXY, and that the service exists in Region " +
                          endpoint.signing_region + "."
                    : "Is it running? The local cloud starts with `nimbus local start`; "
                      "AWS_ENDPOINT_URL names another endpoint.");
}

} // namespace

RetryOptions retry_options(const Environment& environment)
{
    RetryOptions options;
    if (const auto text = environment("AWS_MAX_ATTEMPTS")) {
        const auto attempts = to_positive(*text);
        if (!attempts)
            throw UsageError("AWS_MAX_ATTEMPTS is not a positive number: " + *text);
        options.max_attempts = *attempts;
    }
    return options;
}

ClientOptions with_environment(ClientOptions options, const Environment& environment)
{
    options.retry.max_attempts = retry_options(environment).max_attempts;
    if (options.endpoints == EndpointSettings{})
        options.endpoints = endpoint_settings(environment, SharedConfig(environment));
    return options;
}

Client::Client(std::shared_ptr<http::Client> http, CredentialSource credentials,
               ClientOptions options)
    : http_(std::move(http)), credentials_(std::move(credentials)),
      signing_keys_(std::make_shared<sigv4::SigningKeys>()), options_(std::move(options))
{
    if (!options_.sleep)
        options_.sleep = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
    if (!options_.random)
        options_.random = thread_random;
}

Client Client::checked_by(std::function<void(const OperationInfo&)> check) const
{
    Client checked = *this;
    checked.options_.before_sending = [first = std::move(check),
                                       then = options_.before_sending](const OperationInfo& info) {
        first(info);
        if (then)
            then(info);
    };
    return checked;
}

Client Client::heard_by(std::function<void(const OperationInfo&)> listener) const
{
    Client heard = *this;
    heard.options_.on_throttled = std::move(listener);
    return heard;
}

http::Response Client::attempt(const OperationInfo& operation, const Encoded& encoded,
                               const Endpoint& endpoint, const Credentials* credentials) const
{
    sigv4::Request to_sign{.method = encoded.method,
                           .path = path_at(endpoint, encoded),
                           .query = encode_query(encoded.query),
                           .headers = {{"Host", endpoint.host}}};
    to_sign.headers.insert(to_sign.headers.end(), encoded.headers.begin(), encoded.headers.end());
    if (credentials != nullptr)
        sigv4::sign_headers(to_sign, credentials->keys, endpoint.signing_region,
                            operation.service.signing_name, crypto::sha256_hex(encoded.body),
                            options_.clock(), signing_keys_.get());

    http::Request request{.method = encoded.method, .target = to_sign.path, .body = encoded.body};
    if (!to_sign.query.empty())
        request.target += "?" + to_sign.query;
    for (auto& [name, value] : to_sign.headers)
        request.headers.add(std::move(name), std::move(value));
    request.headers.add("User-Agent", options_.user_agent);
    if (options_.before_sending)
        options_.before_sending(operation);
    http::SendOptions how{.total_timeout = encoded.total_timeout,
                          .fresh_connection = !operation.is_idempotent()};
    if (operation.service.pace == Pace::quick)
        how.total_timeout = options_.quick.attempt;
    return http_->send(endpoint.origin, request, how);
}

bool Client::have_changed(const Credentials& expired) const
{
    credentials_.discard(expired);
    const auto now = credentials_();
    return now.keys.access_key_id != expired.keys.access_key_id ||
           now.keys.session_token != expired.keys.session_token;
}

void Client::throw_refusal(const OperationInfo& operation, const http::Response& response,
                           ErrorDetails details, const Credentials* credentials) const
{
    if (is_web_page(response))
        throw Error(std::string(operation.service.name) + " was asked for " +
                        std::string(operation.name) + ", and the answer is " +
                        describe_web_page(response),
                    "A proxy, or a network that wants a sign-in, answers in AWS's place: check "
                    "HTTPS_PROXY, NO_PROXY and the network.");
    std::string hint;
    if (may_be_clock_skew(details.code))
        hint = clock_skew_hint(response, options_.clock());
    else if (says_expired(details.code) && credentials != nullptr && !credentials->origin.empty())
        hint = "The credentials come from: " + credentials->origin +
               ". Get new ones there, and run this again.";
    else if (is_unknown_key(details.code) && credentials != nullptr &&
             !credentials->keys.session_token.empty())
        hint = unknown_token_hint(*credentials);
    throw ApiError(operation, response.status, std::move(details), hint);
}

http::Response Client::send(const OperationInfo& operation, const Encoded& encoded) const
{
    if (operation.service.protocol == Protocol::rest_xml && encoded.bucket.empty())
        throw std::invalid_argument("the name of a bucket is empty");
    if (options_.on_call)
        options_.on_call(operation);
    const Endpoint endpoint =
        endpoint_of(operation.service, options_.region, options_.endpoints, encoded.bucket);
    const auto start = std::chrono::steady_clock::now();
    const auto total_time =
        operation.service.pace == Pace::quick ? options_.quick.total : options_.retry.total_time;
    int failed = 0;
    int throttled = 0;
    bool answer_lost = false;
    const auto may_repeat = [&](const Failure& failure, std::optional<std::chrono::seconds> least) {
        const bool is_throttled = is_throttling(failure) && options_.limits != nullptr;
        ++(is_throttled ? throttled : failed);
        if (failed >= options_.retry.max_attempts ||
            judge(failure, operation.is_idempotent()) == Verdict::stop)
            return false;
        const auto pause = backoff(options_.retry, is_throttled ? throttled : failed,
                                   is_throttling(failure), least, options_.random());
        const auto limit = is_throttled ? options_.retry.throttled_time : total_time;
        if (std::chrono::steady_clock::now() + pause > start + limit)
            return false;
        if (is_throttled)
            options_.limits->throttled(operation);
        if (is_throttled && options_.on_throttled)
            options_.on_throttled(operation);
        options_.sleep(pause);
        return true;
    };
    bool renewed = false;
    for (;;) {
        std::optional<Credentials> credentials;
        if (operation.signing == Signing::sigv4)
            check_keys(credentials.emplace(credentials_()));
        const auto* used = credentials ? &*credentials : nullptr;
        if (options_.limits != nullptr)
            options_.limits->wait(operation, options_.sleep);
        try {
            auto response = attempt(operation, encoded, endpoint, used);
            if (is_success(response) && !is_web_page(response))
                return response;
            auto details = parse_error(operation.service.protocol, response);
            if (says_expired(details.code) && used != nullptr && !std::exchange(renewed, true) &&
                have_changed(*used))
                continue;
            details.after_lost_answer = answer_lost;
            answer_lost |= is_server_failure(response.status);
            if (!may_repeat({.http_status = response.status, .error_code = details.code},
                            retry_after(response)))
                throw_refusal(operation, response, std::move(details), used);
        } catch (const http::TransportError& error) {
            answer_lost |= error.maybe_sent();
            if (!may_repeat({.maybe_acted = error.maybe_sent()}, {}))
                throw_unreachable(operation, endpoint, error);
        }
    }
}

std::optional<http::Response> Client::send_unless_missing(const OperationInfo& operation,
                                                          const Encoded& encoded) const
{
    try {
        return send(operation, encoded);
    } catch (const ApiError& error) {
        if (error.is_not_found())
            return {};
        throw;
    }
}

void Client::throw_undecodable(const OperationInfo& operation, const std::exception& error)
{
    throw Error(std::string(operation.service.name) + " answered " + std::string(operation.name) +
                    " with something unexpected: " + error.what(),
                "If AWS_ENDPOINT_URL is set, check that it names an AWS endpoint.");
}

} // namespace nimbus::aws

#pragma once

#include "aws/api_error.h"
#include "aws/credentials.h"
#include "aws/endpoints.h"
#include "aws/operation.h"
#include "aws/rate_limits.h"
#include "aws/retry_policy.h"
#include "base/time.h"
#include "http/client.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace nimbus::aws {

/// Of calls to services of Pace::quick.
struct QuickLimits {
    std::chrono::milliseconds attempt{5'000};
    std::chrono::milliseconds total{15'000}; ///< all attempts and pauses of a call together
};

struct ClientOptions {
    std::string region;
    EndpointSettings endpoints;
    RetryOptions retry;
    QuickLimits quick;
    Clock clock = system_now;
    /// Waits between attempts. Default: blocks the calling thread.
    std::function<void(std::chrono::milliseconds)> sleep;
    /// Default: a generator of the thread's own.
    RandomUnit random;
    /// How often AWS may be called; null: as often as one likes. Copies of the client share it.
    std::shared_ptr<RateLimits> limits;
    /// Called when AWS throttles a call that is then tried again, on the calling thread.
    std::function<void(const OperationInfo&)> on_throttled;
    /// Called before each call (not before each attempt of it), on the calling thread.
    std::function<void(const OperationInfo&)> on_call;
    /// Called right before each attempt is sent, signed and all, on the calling thread. What it
    /// throws ends the call.
    std::function<void(const OperationInfo&)> before_sending;
    std::string user_agent = "nimbus/" NIMBUS_VERSION;
};

/// With AWS_MAX_ATTEMPTS; throws UsageError when it is not a positive number.
RetryOptions retry_options(const Environment& environment);

/// `options` with AWS_MAX_ATTEMPTS and, unless it has some, the endpoints that the environment and
/// the AWS profile name.
ClientOptions with_environment(ClientOptions options, const Environment& environment);

/// A change that must not be made twice was sent, and nobody knows whether AWS made it: the answer
/// was lost on the way.
class AnswerLost : public Error {
public:
    using Error::Error;
};

/// Calls AWS: encodes, signs, sends, repeats what is worth repeating, decodes.
///
///     aws::Client client(http, aws::credential_chain(http), {.region = "us-east-1"});
///     auto cluster = client.call(aws::dsql::GetCluster{.identifier = id});
///
/// Throws ApiError when AWS refuses, AnswerLost when only AWS knows what became of a change_once,
/// Error when AWS cannot be reached or understood. Credentials that AWS calls expired are asked for
/// once more, which any operation bears: AWS did not act. Any number of threads may call.
class Client {
public:
    Client(std::shared_ptr<http::Client> http, CredentialSource credentials, ClientOptions options);

    /// A client that asks `check` before each attempt, too: before_sending of the options comes
    /// after it.
    Client checked_by(std::function<void(const OperationInfo&)> check) const;
    /// A client that tells `listener` of throttling; see on_throttled of the options.
    Client heard_by(std::function<void(const OperationInfo&)> listener) const;

    template <class Operation>
    typename Operation::Response call(const Operation& operation) const
    {
        return decode<Operation>(send(Operation::info, operation.encode()));
    }

    /// As `call`, but nothing when what the operation names does not exist.
    template <class Operation>
    std::optional<typename Operation::Response> find(const Operation& operation) const
    {
        auto response = send_unless_missing(Operation::info, operation.encode());
        if (!response)
            return {};
        return decode<Operation>(std::move(*response));
    }

    /// Calls `use` with each page of a paginated operation.
    template <class Operation, class Use>
    void for_each_page(Operation operation, Use use) const
    {
        for (;;) {
            auto page = call(operation);
            const bool last = page.next_token.empty() || page.next_token == operation.next_token;
            operation.next_token = page.next_token;
            use(std::move(page));
            if (last)
                return;
        }
    }

    const std::string& region() const noexcept { return options_.region; }
    const EndpointSettings& endpoints() const noexcept { return options_.endpoints; }
    /// What calls are signed with: for DSQL's tokens.
    Credentials credentials() const { return credentials_(); }

private:
    template <class Operation>
    static typename Operation::Response decode(http::Response&& response)
    {
        try {
            return Operation::decode(std::move(response));
        } catch (const std::exception& error) {
            throw_undecodable(Operation::info, error);
        }
    }
    [[noreturn]] static void throw_undecodable(const OperationInfo& operation,
                                               const std::exception& error);

    http::Response send(const OperationInfo& operation, const Encoded& encoded) const;
    std::optional<http::Response> send_unless_missing(const OperationInfo& operation,
                                                      const Encoded& encoded) const;
    /// `credentials`: of operations that are signed.
    http::Response attempt(const OperationInfo& operation, const Encoded& encoded,
                           const Endpoint& endpoint, const Credentials* credentials) const;
    /// After AWS called them expired: are there others now?
    bool have_changed(const Credentials& expired) const;
    [[noreturn]] void throw_refusal(const OperationInfo& operation, const http::Response& response,
                                    ErrorDetails details, const Credentials* credentials) const;

    std::shared_ptr<http::Client> http_;
    CredentialSource credentials_;
    std::shared_ptr<sigv4::SigningKeys> signing_keys_; ///< copies of the client share them
    ClientOptions options_;
};

} // namespace nimbus::aws

#pragma once

#include "base/log.h"
#include "base/time.h"
#include "local/debugging/debug_sessions.h"
#include "local/gateway/answered_requests.h"
#include "local/gateway/api.h"
#include "local/lambda/function.h"
#include "net/event_loop.h"

#include <memory>
#include <string>

namespace nimbus::local {

struct GatewayOptions {
    std::string address = "127.0.0.1"; ///< a loopback address; all APIs listen on it
    Clock clock = system_now;
    /// Integrations with functions that are debugged have no timeout.
    std::shared_ptr<DebugSessions> debugging = std::make_shared<DebugSessions>();
    /// Is told each answer for which a function was asked.
    std::shared_ptr<AnsweredRequests> answered = std::make_shared<AnsweredRequests>();
    Log log{};
};

/// The data plane of API Gateway's HTTP APIs with Lambda proxy integrations. Each API has a
/// listener of its own; its stages are the first segment of the path, and `$default` has no prefix.
///
/// Limits are API Gateway's ("Quotas for configuring and running an HTTP API"): 10,240 bytes of
/// request line and headers, 10 MB of body, 30 s (or the integration's own timeout) for the
/// function, and Lambda's 6 MB for the event. What the gateway answers itself is `{"message":
/// "…"}`:
///
///     403 Forbidden              the Host is a name that is not the API's (see below)
///     404 Not Found              no such stage, or no route matches
///     413, 431                   a limit is exceeded
///     500 Internal Server Error  the function reported an error or answered what is no answer,
///                                does not exist, or does not let API Gateway invoke it
///     503 Service Unavailable    the function crashed or took too long, or none could be run
///
/// Every answer carries `Apigw-Requestid`, which is the event's requestContext.requestId, and
/// `request_id` in the log: a line of level warning for each 500 and 503 says why, one of level
/// debug stands for each other answer.
///
/// Host: a web page that a developer happens to visit can point a name of its own at 127.0.0.1 (DNS
/// rebinding) and would then read the API's answers as its own. Therefore a Host is accepted only
/// when it is an IP address, `localhost` or below it, or the API's name on AWS
/// (`<id>.execute-api.<region>.amazonaws.com`); API Gateway, too, answers 403 to a name that is not
/// mapped to an API.
///
/// Known differences from AWS: `X-Forwarded-Proto` is http and `X-Forwarded-Port` the listener's
/// own; stageVariables are always null; there is no CORS; an event over Lambda's 6 MB is a 413.
class Gateway : public ApiHost {
public:
    /// The loop, the invoker and the directory outlive the gateway.
    Gateway(GatewayOptions options, net::EventLoop& loop, Invoker& invoker,
            FunctionDirectory& directory);
    /// On the loop's thread, or after the loop has stopped: closes all listeners. Answers of
    /// functions that still run go nowhere.
    ~Gateway() override;
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// The port is bound when this returns, also while the loop isn't running yet. Until the first
    /// `publish` the API has no stages.
    std::uint16_t open(const std::string& api_id, std::uint16_t port) override;
    /// Requests that arrive after this has returned see the new routes; those under way finish with
    /// what they found.
    void publish(std::shared_ptr<const Api> api) override;
    /// The listener is gone as soon as the loop gets to it; connections end at once.
    void close(const std::string& api_id) override;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace nimbus::local

#include "local/gateway/gateway.h"

#include "base/assert.h"
#include "base/mutex.h"
#include "http/server.h"
#include "local/gateway/answer.h"
#include "local/gateway/cors.h"
#include "local/gateway/event.h"
#include "local/gateway/host_name.h"
#include "local/gateway/integration_timeouts.h"

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>

namespace nimbus::local {

using namespace gateway;

namespace {

using Kind = InvocationResult::Kind;

constexpr std::size_t max_header_bytes = 10'240;
constexpr std::size_t max_body_bytes = 10 * 1024 * 1024;
constexpr std::chrono::milliseconds max_integration_timeout{30'000};

/// One API's listener and what it serves at the moment.
class Listener {
public:
    struct Serving {
        std::uint16_t port = 0;
        std::shared_ptr<const Router> router;
    };

    /// Requests may arrive as soon as the server is made: they wait for its port.
    std::uint16_t start(net::EventLoop& loop, http::ServerOptions options, http::Handler handler)
        NIMBUS_EXCLUDES(mutex_)
    {
        const MutexLock lock(mutex_);
        NIMBUS_ASSERT(server_ == nullptr, "a listener is started once");
        server_ = std::make_unique<http::Server>(loop, std::move(options), std::move(handler));
        serving_.port = server_->port();
        return serving_.port;
    }

    Serving serving() const NIMBUS_EXCLUDES(mutex_)
    {
        const MutexLock lock(mutex_);
        return serving_;
    }

    void set_router(std::shared_ptr<const Router> router) NIMBUS_EXCLUDES(mutex_)
    {
        const MutexLock lock(mutex_);
        serving_.router.swap(router);
    }

private:
    mutable Mutex mutex_;
    Serving serving_ NIMBUS_GUARDED_BY(mutex_);
    std::unique_ptr<http::Server> server_ NIMBUS_GUARDED_BY(mutex_);
};

/// What the gateway and its requests share; lives as long as the last of them.
struct Shared {
    net::EventLoop& loop;
    Log log;
    Clock clock;
    FactsSource facts;
    std::shared_ptr<AnsweredRequests> answered;

    /// The gateway's own answer to a request.
    http::Response error(int status, std::string request_id)
    {
        return sign(gateway_error(status), std::move(request_id));
    }

    http::Response sign(http::Response response, std::string request_id)
    {
        if (!response.headers.contains("date"))
            response.headers.add("Date", facts.http_date());
        response.headers.add("Apigw-Requestid", std::move(request_id));
        return response;
    }
};

/// The name in arn:aws:lambda:<region>:<account>:function:<name>, with or without a qualifier.
std::string_view name_in_arn(std::string_view arn)
{
    constexpr std::string_view before = ":function:";
    const auto found = arn.find(before);
    if (found == std::string_view::npos)
        return arn;
    const auto rest = arn.substr(found + before.size());
    return rest.substr(0, rest.find(':'));
}

/// A request from its arrival to its answer, which may be long after the gateway has gone. On the
/// loop's thread.
///
/// Three things answer it, and the first one counts: the gateway itself, from within `serve`; the
/// function's result, in `finish`; the integration's timeout. A result that comes later talks to
/// nobody. That the client leaves meanwhile is the Responder's matter; that other routes are
/// published changes nothing, since the router of its arrival is kept.
class Exchange : public Waiting {
public:
    Exchange(std::shared_ptr<Shared> shared, http::Responder respond, const RequestFacts& facts,
             std::shared_ptr<const Router> router, const CompiledRoute* route, std::string origin)
        : shared_(std::move(shared)), respond_(std::move(respond)), request_id_(facts.request_id),
          arrival_(facts.time), router_(std::move(router)), route_(route),
          origin_(std::move(origin))
    {
    }

    /// The gateway answers a browser's question by itself.
    void answer_preflight(http::Response response) { answer(std::move(response), {}); }

    void finish(const InvocationResult& result)
    {
        NIMBUS_ASSERT(shared_->loop.is_owned_by_this_thread(), "results come on the loop's thread");
        const auto& id = result.request_id;
        switch (result.kind) {
        case Kind::success:
            return finish_with(result.payload, id);
        case Kind::function_error:
            return fail(500, "The function reported an error", result.reason, id);
        case Kind::crashed:
            return fail(503, "The function crashed", result.reason, id);
        case Kind::timed_out:
            return fail(503, "The function timed out", result.reason, id);
        case Kind::throttled:
            return fail(503, "The function was throttled", result.reason, id);
        case Kind::unavailable:
            return fail(503, "The function could not be run", result.reason, id);
        }
    }

    void time_out() override
    {
        fail(503, "The integration timed out", "the function took longer than its route allows");
    }

    /// 500 and 503: something is wrong with the application, or with us.
    void fail(int status, std::string_view message, std::string_view reason,
              std::string_view invocation_id = {})
    {
        answer_itself(status, LogLevel::warning, message, reason, invocation_id);
    }

    /// 4xx: something is wrong with the request.
    void refuse(int status, std::string_view reason)
    {
        answer_itself(status, LogLevel::debug, "A request was refused", reason, {});
    }

private:
    void finish_with(std::string_view payload, std::string_view invocation_id)
    {
        const auto format = route_ != nullptr ? route_->format : PayloadFormat::v1;
        auto response = decode_answer(payload, format);
        if (!response)
            return fail(500, "The function's answer is not an HTTP answer", response.error(),
                        invocation_id);
        if (!origin_.empty())
            add_cors_headers(*response, *router_->cors(), origin_);
        if (shared_->log.has(LogLevel::debug))
            log(LogLevel::debug, "A request was answered", response->status, {}, invocation_id);
        answer(*std::move(response), invocation_id);
    }

    void answer_itself(int status, LogLevel level, std::string_view message,
                       std::string_view reason, std::string_view invocation_id)
    {
        log(level, message, status, reason, invocation_id);
        answer(gateway_error(status), invocation_id);
    }

    /// The id is empty when no function was asked, or none has answered in time.
    void answer(http::Response response, std::string_view invocation_id)
    {
        if (!respond_)
            return;
        if (!invocation_id.empty())
            shared_->answered->add(invocation_id, response.status);
        unlink();
        auto respond = std::exchange(respond_, nullptr);
        respond(shared_->sign(std::move(response), request_id_));
    }

    /// Also of what comes too late, which says how long the function took in the end.
    void log(LogLevel level, std::string_view message, int status, std::string_view reason,
             std::string_view invocation_id) const
    {
        if (!shared_->log.has(level))
            return;
        const bool is_late = !respond_;
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(shared_->clock() - arrival_);
        shared_->log.write(
            is_late ? LogLevel::debug : level, is_late ? "A result came too late" : message,
            {{"request_id", request_id_},
             {"invocation_id", invocation_id},
             {"api", router_ != nullptr ? std::string_view(router_->api_id()) : ""},
             {"route", route_ != nullptr ? std::string_view(route_->key) : ""},
             {"function", route_ != nullptr ? name_in_arn(route_->integration.function_arn) : ""},
             {"status", status},
             {"milliseconds", took.count()},
             {"reason", reason}});
    }

    std::shared_ptr<Shared> shared_;
    http::Responder respond_; ///< empty once answered
    std::string request_id_;
    SystemTime arrival_;
    std::shared_ptr<const Router> router_;
    const CompiledRoute* route_; ///< the router's; null where none matched
    std::string origin_;         ///< of a cross-origin request to an API that has CORS
};

} // namespace

class Gateway::Impl : public std::enable_shared_from_this<Gateway::Impl> {
public:
    Impl(GatewayOptions options, net::EventLoop& loop, Invoker& invoker,
         FunctionDirectory& directory)
        : options_(std::move(options)), loop_(loop), invoker_(invoker), directory_(directory),
          shared_(std::make_shared<Shared>(Shared{.loop = loop,
                                                  .log = options_.log.of("gateway"),
                                                  .clock = options_.clock,
                                                  .facts = FactsSource(options_.clock),
                                                  .answered = options_.answered})),
          timeouts_(loop)
    {
    }

    ~Impl()
    {
        NIMBUS_ASSERT(loop_.is_owned_by_this_thread(),
                      "a gateway ends on its loop's thread, or after the loop");
    }

    std::uint16_t open(const std::string& api_id, std::uint16_t port)
    {
        auto listener = std::make_shared<Listener>();
        http::ServerOptions options{.address = options_.address,
                                    .port = port,
                                    .max_header_bytes = max_header_bytes,
                                    .max_body_bytes = max_body_bytes,
                                    .protocol_error = [shared = shared_](int status) {
                                        auto id = shared->facts.new_request_id();
                                        shared->log.debug("What came was not a request",
                                                          {{"request_id", id}, {"status", status}});
                                        return shared->error(status, std::move(id));
                                    }};
        // The listener owns the server, and both end before this object does.
        const auto bound = listener->start(
            loop_, std::move(options),
            [this, raw = listener.get()](const http::Request& request, http::Responder respond) {
                serve(raw->serving(), request, std::move(respond));
            });
        close(api_id);
        shared_->log.info("An API is open", {{"api", api_id}, {"port", bound}});
        const MutexLock lock(mutex_);
        open_.emplace(api_id, std::move(listener));
        return bound;
    }

    void publish(const Api& api)
    {
        auto router = std::make_shared<const Router>(api);
        const MutexLock lock(mutex_);
        if (const auto found = open_.find(api.id); found != open_.end())
            found->second->set_router(std::move(router));
    }

    void close(const std::string& api_id)
    {
        const Listener* closing = nullptr;
        {
            const MutexLock lock(mutex_);
            auto node = open_.extract(api_id);
            if (node.empty())
                return;
            closing = node.mapped().get();
            closing_.push_back(std::move(node.mapped()));
        }
        loop_.dispatch([weak = weak_from_this(), closing] {
            if (const auto self = weak.lock())
                self->finish_close(closing);
        });
    }

private:
    void finish_close(const Listener* listener)
    {
        std::shared_ptr<Listener> last;
        const MutexLock lock(mutex_);
        const auto found = std::ranges::find(closing_, listener, &std::shared_ptr<Listener>::get);
        NIMBUS_ASSERT(loop_.is_owned_by_this_thread() && found != closing_.end(),
                      "a listener is closed once, on the loop's thread");
        last = std::move(*found);
        closing_.erase(found);
    }

    void serve(const Listener::Serving& serving, const http::Request& request,
               http::Responder respond)
    {
        NIMBUS_ASSERT(loop_.is_owned_by_this_thread(), "requests come on the loop's thread");
        const auto facts = shared_->facts.next(serving.port);
        const auto& router = serving.router;
        std::optional<Match> match;
        if (router)
            match = router->match(request.method, request.path());
        const auto exchange = std::make_shared<Exchange>(
            shared_, std::move(respond), facts, router, match ? match->route : nullptr,
            router ? origin_of(request, router->cors()) : std::string());
        if (router && !host_is_allowed(request.headers.get("host"), router->domain_name()))
            return exchange->refuse(403, "its Host is a name that is not the API's");
        if (router)
            if (auto preflight = preflight_answer(request, router->cors()))
                return exchange->answer_preflight(*std::move(preflight));
        if (!match)
            return exchange->refuse(404, "no stage and route match it");
        try {
            invoke(*router, *match, request, facts, exchange);
        } catch (const std::exception& error) {
            exchange->fail(500, "The function could not be invoked", error.what());
        }
    }

    void invoke(const Router& router, const Match& match, const http::Request& request,
                const RequestFacts& facts, const std::shared_ptr<Exchange>& exchange)
    {
        const auto& integration = match.route->integration;
        auto function = directory_.find_function(integration.function_arn);
        if (!function)
            return exchange->fail(500, "The function could not be invoked", "it does not exist");
        if (!directory_.api_gateway_may_invoke(
                integration.function_arn, match.route->source_arn(*match.stage, request.method)))
            return exchange->fail(500, "The function could not be invoked",
                                  "its resource policy does not allow it to API Gateway");
        auto event = encode_event(router, match, request, facts);
        if (event.size() > max_event_bytes)
            return exchange->refuse(413, "its event is over Lambda's 6 MB");
        const auto deadline =
            options_.debugging->mode_of(function->name)
                ? Deadline::never()
                : timeouts_.watch(*exchange, std::min(std::chrono::milliseconds(
                                                          integration.timeout_milliseconds),
                                                      max_integration_timeout));
        invoker_.invoke(std::move(function), std::move(event),
                        {.request_id = facts.request_id, .deadline = deadline},
                        [exchange](const InvocationResult& result) { exchange->finish(result); });
    }

    GatewayOptions options_;
    net::EventLoop& loop_;
    Invoker& invoker_;
    FunctionDirectory& directory_;
    std::shared_ptr<Shared> shared_;
    IntegrationTimeouts timeouts_;
    Mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Listener>> open_ NIMBUS_GUARDED_BY(mutex_);
    /// Until the loop, which alone may close servers, gets to them.
    std::vector<std::shared_ptr<Listener>> closing_ NIMBUS_GUARDED_BY(mutex_);
};

Gateway::Gateway(GatewayOptions options, net::EventLoop& loop, Invoker& invoker,
                 FunctionDirectory& directory)
    : impl_(std::make_shared<Impl>(std::move(options), loop, invoker, directory))
{
}

Gateway::~Gateway() = default;

std::uint16_t Gateway::open(const std::string& api_id, std::uint16_t port)
{
    return impl_->open(api_id, port);
}

void Gateway::publish(std::shared_ptr<const Api> api)
{
    NIMBUS_ASSERT(api != nullptr, "what is published is an API");
    impl_->publish(*api);
}

void Gateway::close(const std::string& api_id)
{
    impl_->close(api_id);
}

} // namespace nimbus::local

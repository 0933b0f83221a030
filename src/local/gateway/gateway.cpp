#include "local/gateway/gateway.h"

#include "http/server.h"
#include "local/gateway/answer.h"
#include "local/gateway/event.h"
#include "local/gateway/host_name.h"
#include "local/gateway/integration_timeouts.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace nimbus::local {

using namespace gateway;

namespace {

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
    {
        const std::lock_guard lock(mutex_);
        server_ = std::make_unique<http::Server>(loop, std::move(options), std::move(handler));
        serving_.port = server_->port();
        return serving_.port;
    }

    Serving serving() const
    {
        const std::lock_guard lock(mutex_);
        return serving_;
    }

    void set_router(std::shared_ptr<const Router> router)
    {
        const std::lock_guard lock(mutex_);
        serving_.router.swap(router);
    }

private:
    mutable std::mutex mutex_;
    Serving serving_;
    std::unique_ptr<http::Server> server_;
};

http::Response sign(http::Response response, FactsSource& facts, std::string request_id)
{
    if (!response.headers.contains("date"))
        response.headers.add("Date", facts.http_date());
    response.headers.add("Apigw-Requestid", std::move(request_id));
    return response;
}

/// A request that waits for its function.
class Exchange : public Waiting {
public:
    Exchange(std::shared_ptr<FactsSource> facts, http::Responder respond, std::string request_id,
             PayloadFormat format)
        : facts_(std::move(facts)), respond_(std::move(respond)),
          request_id_(std::move(request_id)), format_(format)
    {
    }

    void finish(const InvocationResult& result)
    {
        switch (result.kind) {
        case InvocationResult::Kind::success:
            if (auto response = decode_answer(result.payload, format_))
                return answer(*std::move(response));
            return answer(gateway_error(500));
        case InvocationResult::Kind::function_error:
            return answer(gateway_error(500));
        case InvocationResult::Kind::crashed:
        case InvocationResult::Kind::throttled:
        case InvocationResult::Kind::unavailable:
            return answer(gateway_error(503));
        }
    }

    void time_out() override { answer(gateway_error(503)); }

    /// The first answer counts: a function that comes after its timeout talks to nobody.
    void answer(http::Response response)
    {
        if (!respond_)
            return;
        unlink();
        auto respond = std::exchange(respond_, nullptr);
        respond(sign(std::move(response), *facts_, std::move(request_id_)));
    }

private:
    std::shared_ptr<FactsSource> facts_;
    http::Responder respond_;
    std::string request_id_;
    PayloadFormat format_;
};

} // namespace

class Gateway::Impl : public std::enable_shared_from_this<Gateway::Impl> {
public:
    Impl(GatewayOptions options, net::EventLoop& loop, Invoker& invoker,
         FunctionDirectory& directory)
        : options_(std::move(options)), loop_(loop), invoker_(invoker), directory_(directory),
          facts_(std::make_shared<FactsSource>(options_.clock)), timeouts_(loop)
    {
    }

    std::uint16_t open(const std::string& api_id, std::uint16_t port)
    {
        auto listener = std::make_shared<Listener>();
        http::ServerOptions options{.address = options_.address,
                                    .port = port,
                                    .max_header_bytes = max_header_bytes,
                                    .max_body_bytes = max_body_bytes,
                                    .protocol_error = [facts = facts_](int status) {
                                        return sign(gateway_error(status), *facts,
                                                    facts->new_request_id());
                                    }};
        // The listener owns the server, and both end before this object does.
        const auto bound = listener->start(
            loop_, std::move(options),
            [this, raw = listener.get()](const http::Request& request, http::Responder respond) {
                serve(raw->serving(), request, std::move(respond));
            });
        close(api_id);
        const std::lock_guard lock(mutex_);
        open_.emplace(api_id, std::move(listener));
        return bound;
    }

    void publish(const Api& api)
    {
        auto router = std::make_shared<const Router>(api);
        const std::lock_guard lock(mutex_);
        if (const auto found = open_.find(api.id); found != open_.end())
            found->second->set_router(std::move(router));
    }

    void close(const std::string& api_id)
    {
        const Listener* closing = nullptr;
        {
            const std::lock_guard lock(mutex_);
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
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(closing_, listener, &std::shared_ptr<Listener>::get);
        last = std::move(*found);
        closing_.erase(found);
    }

    void serve(const Listener::Serving& serving, const http::Request& request,
               http::Responder respond)
    {
        const auto facts = facts_->next(serving.port);
        const auto& router = serving.router;
        std::optional<Match> match;
        if (router)
            match = router->match(request.method, request.path());
        const auto exchange =
            std::make_shared<Exchange>(facts_, std::move(respond), facts.request_id,
                                       match ? match->route->format : PayloadFormat::v1);
        if (router && !host_is_allowed(request.headers.get("host"), router->domain_name()))
            return exchange->answer(gateway_error(403));
        if (!match)
            return exchange->answer(gateway_error(404));
        try {
            invoke(*router, *match, request, facts, exchange);
        } catch (const std::exception&) {
            exchange->answer(gateway_error(500));
        }
    }

    void invoke(const Router& router, const Match& match, const http::Request& request,
                const RequestFacts& facts, const std::shared_ptr<Exchange>& exchange)
    {
        const auto& integration = match.route->integration;
        auto function = directory_.find_function(integration.function_arn);
        if (!function ||
            !directory_.api_gateway_may_invoke(
                integration.function_arn, match.route->source_arn(*match.stage, request.method)))
            return exchange->answer(gateway_error(500));
        auto event = encode_event(router, match, request, facts);
        if (event.size() > max_event_bytes)
            return exchange->answer(gateway_error(413));
        timeouts_.watch(*exchange,
                        std::min(std::chrono::milliseconds(integration.timeout_milliseconds),
                                 max_integration_timeout));
        invoker_.invoke(std::move(function), std::move(event),
                        [exchange](const InvocationResult& result) { exchange->finish(result); });
    }

    GatewayOptions options_;
    net::EventLoop& loop_;
    Invoker& invoker_;
    FunctionDirectory& directory_;
    std::shared_ptr<FactsSource> facts_;
    IntegrationTimeouts timeouts_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Listener>> open_;
    /// Until the loop, which alone may close servers, gets to them.
    std::vector<std::shared_ptr<Listener>> closing_;
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
    impl_->publish(*api);
}

void Gateway::close(const std::string& api_id)
{
    impl_->close(api_id);
}

} // namespace nimbus::local

#include "api/api.h"

#include "api/event.h"
#include "api/local_invocation.h"
#include "api/route_path.h"
#include "api/route_table.h"
#include "base/error.h"
#include "base/text.h"
#include "core/exception_log.h"
#include "core/manifest_writer.h"
#include "routes/route_path.h"

namespace nimbus {

namespace detail {

namespace {

class HttpCall : public Call {
public:
    HttpCall(const ApiKind& apis, std::shared_ptr<const handler_function> handler,
             std::shared_ptr<const HttpEvent> event)
        : apis_(apis), handler_(std::move(handler)), event_(std::move(event))
    {
    }

    field subject() const override { return subject_of(request(event_)); }

    std::string run() override
    {
        return encode_response(apis_.answer(*handler_, request(event_)), event_->format_2);
    }

    static field subject_of(const request& req)
    {
        return {"route", std::string(req.method()) + ' ' + std::string(req.path())};
    }

private:
    const ApiKind& apis_;
    std::shared_ptr<const handler_function> handler_;
    std::shared_ptr<const HttpEvent> event_;
};

class RouteTrigger : public Trigger {
public:
    RouteTrigger(const ApiKind& apis, std::shared_ptr<const RouteTable> routes)
        : apis_(apis), routes_(std::move(routes))
    {
    }

    std::string_view source() const noexcept override { return "API Gateway"; }

    bool sends(const json::object& event) const noexcept override { return is_http_event(event); }

    std::unique_ptr<Call> decode(json::object event,
                                 const InvocationContext& context) const override
    {
        auto decoded = decode_http_event(std::move(event), context);
        auto handler = routes_->find(decoded->method, request(decoded).route());
        return std::make_unique<HttpCall>(apis_, std::move(handler), std::move(decoded));
    }

private:
    const ApiKind& apis_;
    std::shared_ptr<const RouteTable> routes_;
};

/// A route, and the API that it is of.
struct ApiRoute {
    const ApiDeclaration* api;
    const RouteDeclaration* route;

    std::string text() const
    {
        return route->method + ' ' + route->path + " of the API " + api->options.name;
    }
};

/// An event names its API by an id that the program does not know, so of two APIs' routes that are
/// for the same requests a function could not tell which one an event is for.
void check_apart(const ApiRoute& earlier, const ApiRoute& later)
{
    if (earlier.api == later.api || !(takes_method(*earlier.route, later.route->method) ||
                                      takes_method(*later.route, earlier.route->method)))
        return;
    throw Error(text_of(later.route->place) + ": the route " + later.text() +
                " shares the function " + later.route->function + " with " + earlier.text() + " (" +
                text_of(earlier.route->place) +
                "), but events do not tell which API they are of: give one of the two another "
                "function");
}

void check_shared_functions(const std::vector<ApiDeclaration>& apis)
{
    std::map<std::pair<std::string, std::string>, std::vector<ApiRoute>> seen; // function, path
    for (const auto& api : apis)
        for (const auto& route : api.routes) {
            auto& same = seen[{route.function, route.path}];
            for (const auto& earlier : same)
                check_apart(earlier, {&api, &route});
            same.push_back({&api, &route});
        }
}

} // namespace

void ApiKind::describe(ManifestWriter& manifest) const
{
    check_shared_functions(apis);
    for (const auto& api : apis) {
        json::object entry{{"name", api.options.name}};
        if (!api.options.stage.empty())
            entry.emplace("stage", api.options.stage);
        if (!api.options.description.empty())
            entry.emplace("description", api.options.description);
        json::array routes;
        for (const auto& route : api.routes)
            routes.push_back(
                {{"method", route.method}, {"path", route.path}, {"function", route.function}});
        entry.emplace("routes", std::move(routes));

        const auto path = manifest.add("apis", std::move(entry), api.place);
        for (std::size_t i = 0; i < api.routes.size(); ++i)
            manifest.locate(indexed(path + ".routes", i), api.routes[i].place);
    }
}

response ApiKind::answer(const handler_function& handler, const request& req) const
{
    try {
        return handler(req);
    } catch (const http_error& expected) {
        return error(expected.status(), expected.what());
    } catch (const std::exception& failure) {
        if (!on_error)
            throw;
        log_exception(req.log(), failure, HttpCall::subject_of(req));
        return on_error(failure, req);
    }
}

nimbus::api api_declarations::api(api_options options, std::source_location declared)
{
    auto& apis = application_->kind<ApiKind>().apis;
    apis.push_back({std::move(options), declared, {}});
    return nimbus::api(application_, apis.size() - 1);
}

void api_declarations::on_error(
    std::function<response(const std::exception&, const request&)> handler)
{
    application_->kind<ApiKind>().on_error = std::move(handler);
}

response api_declarations::invoke(std::string_view method, std::string_view path_and_query,
                                  const invoke_options& options) const
{
    return invoke_locally(*application_, std::nullopt, method, path_and_query, options);
}

} // namespace detail

response api::invoke(std::string_view method, std::string_view path_and_query,
                     const invoke_options& options) const
{
    return detail::invoke_locally(*application_, index_, method, path_and_query, options);
}

void api::add_route(std::string_view method, std::string_view path,
                    detail::handler_function handler, function_options options,
                    std::source_location declared)
{
    auto& kind = application_->kind<detail::ApiKind>();
    auto& owner = kind.apis[index_];
    detail::RouteDeclaration route{
        .method = std::string(method),
        .path = routes::normalized(path),
        .handler = std::make_shared<const detail::handler_function>(std::move(handler)),
        .place = declared,
        .function = {}};
    const std::string shared = options.function.empty() ? owner.options.function : options.function;
    if (options.architecture.empty())
        options.architecture = owner.options.architecture;
    if (!options.log_retention)
        options.log_retention = owner.options.log_retention;
    detail::FunctionDeclaration declaration{"the route " + route.method + ' ' + route.path,
                                            std::move(options), declared};
    auto& function = shared.empty()
                         ? application_->add_function(detail::function_name(method, path),
                                                      std::move(declaration))
                         : application_->share_function(shared, std::move(declaration));
    route.function = function.name;
    auto& table = kind.tables[function.name];
    if (!table) {
        table = std::make_shared<detail::RouteTable>(function.name);
        function.triggers.push_back(std::make_unique<detail::RouteTrigger>(kind, table));
    }
    table->add(route);
    owner.routes.push_back(std::move(route));
}

} // namespace nimbus

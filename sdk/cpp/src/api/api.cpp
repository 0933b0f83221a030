#include "api/api.h"

#include "api/event.h"
#include "api/local_invocation.h"
#include "api/route_path.h"
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
    RouteTrigger(const ApiKind& apis, std::shared_ptr<const handler_function> handler)
        : apis_(apis), handler_(std::move(handler))
    {
    }

    std::string_view source() const noexcept override { return "API Gateway"; }

    bool sends(const json::object& event) const noexcept override { return is_http_event(event); }

    std::unique_ptr<Call> decode(json::object event,
                                 const InvocationContext& context) const override
    {
        return std::make_unique<HttpCall>(apis_, handler_,
                                          decode_http_event(std::move(event), context));
    }

private:
    const ApiKind& apis_;
    std::shared_ptr<const handler_function> handler_;
};

} // namespace

void ApiKind::describe(ManifestWriter& manifest) const
{
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
    auto shared = std::make_shared<const detail::handler_function>(std::move(handler));
    auto& function = application_->add_function(detail::function_name(method, path),
                                                std::move(options), declared);
    function.triggers.push_back(std::make_unique<detail::RouteTrigger>(kind, shared));
    kind.apis[index_].routes.push_back({std::string(method), routes::normalized(path),
                                        std::move(shared), declared, function.name});
}

} // namespace nimbus

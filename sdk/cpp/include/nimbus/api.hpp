#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <nimbus/detail/app_part.hpp>
#include <nimbus/function_options.hpp>
#include <nimbus/request.hpp>
#include <nimbus/response.hpp>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nimbus {

struct api_options {
    std::string name;
    /// The first segment of the URL's path, or "$default" for none. Empty: the application's.
    std::string stage{};
    std::string description{};
    /// The function of all routes that name no other: see function_options. Empty: each has its
    /// own.
    std::string function{};
    /// Of the functions of its routes: see function_options. Empty: the application's.
    std::string architecture{};
    /// Of the functions of its routes: see function_options. By default the application's.
    std::optional<std::chrono::days> log_retention{};
};

/// What a unit test sends with app::invoke.
struct invoke_options {
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

namespace detail {
using handler_function = std::function<response(const request&)>;

template <class Result>
response to_response(Result&& result)
{
    if constexpr (std::same_as<std::remove_cvref_t<Result>, response>)
        return std::forward<Result>(result);
    else
        return ok(std::forward<Result>(result));
}

template <class Handler>
handler_function make_handler(Handler handler)
{
    if constexpr (std::is_invocable_v<const Handler&, const request&>) {
        return [handler = std::move(handler)](const request& req) {
            return to_response(handler(req));
        };
    } else if constexpr (std::is_invocable_v<const Handler&>) {
        return [handler = std::move(handler)](const request&) { return to_response(handler()); };
    } else {
        static_assert(always_false<Handler>,
                      "a handler takes a const nimbus::request& or nothing, and is const-callable");
    }
}

class api_declarations;
} // namespace detail

/// An HTTP API. Cheap to copy; belongs to its app.
class api {
public:
    /// Has `handler` answer `method` (GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or ANY) on
    /// `path`: /users, /users/{id} or /users/:id, /files/{path+}, or "$default" (with ANY) for what
    /// matches nothing else. The handler takes a const request& or nothing, and returns a response,
    /// or a value that becomes 200 with it as JSON. What is wrong with a route, `nimbus deploy`
    /// says, and where it was `declared`.
    template <class Handler>
    api& route(std::string_view method, std::string_view path, Handler handler,
               function_options options = {},
               std::source_location declared = std::source_location::current())
    {
        add_route(method, path, detail::make_handler(std::move(handler)), std::move(options),
                  declared);
        return *this;
    }

    /// As app::invoke, on this API's routes alone.
    response invoke(std::string_view method, std::string_view path_and_query,
                    const invoke_options& options = {}) const;

private:
    friend class detail::api_declarations;
    api(std::shared_ptr<detail::Application> application, std::size_t index) noexcept
        : application_(std::move(application)), index_(index)
    {
    }
    void add_route(std::string_view method, std::string_view path, detail::handler_function handler,
                   function_options options, std::source_location declared);

    std::shared_ptr<detail::Application> application_;
    std::size_t index_;
};

namespace detail {

/// The part of nimbus::app that is about HTTP APIs.
class api_declarations : public virtual app_part {
public:
    nimbus::api api(api_options options,
                    std::source_location declared = std::source_location::current());

    /// Answers for handlers that threw something other than http_error: the exception has been
    /// logged, what `handler` returns goes to the client. Without it (or when it throws) the
    /// invocation fails and the gateway says 500 {"message":"Internal Server Error"}.
    void on_error(std::function<response(const std::exception&, const request&)> handler);

    /// Runs the handler that the gateway would choose, in this process: for unit tests. A path that
    /// no route matches gives the gateway's 404 {"message":"Not Found"}; what a handler throws
    /// comes out as in production, but without on_error it comes out as the exception itself.
    response invoke(std::string_view method, std::string_view path_and_query,
                    const invoke_options& options = {}) const;

protected:
    ~api_declarations() = default;
};

} // namespace detail

} // namespace nimbus

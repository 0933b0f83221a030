#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <nimbus/request.hpp>
#include <nimbus/response.hpp>
#include <nimbus/sql.hpp>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nimbus {

struct app_options {
    std::string project_name; ///< lower-case letters, digits, dashes; at most 32
    std::string region;       ///< us-east-1
    std::string stage{};      ///< empty: the first API's, or "dev"; `--stage` overrides it
};

struct sql_options {
    std::string name;   ///< lower-case letters, digits, dashes: becomes SQL_<NAME>_ENDPOINT etc.
    std::string schema; ///< the application's schema in the cluster
    /// Refuse to delete the cluster until this is taken back.
    bool deletion_protection = true;
    /// Use the shared cluster of that name instead of one of the application's own.
    std::string cluster{};
};

struct api_options {
    std::string name;
    std::string stage{}; ///< the first segment of the URL; empty: the application's
};

/// How the function behind a route is set up.
struct function_options {
    int memory = 256; ///< megabytes, 128 to 10,240; CPU grows with it
    int timeout = 30; ///< seconds; the gateway gives up after 30
    std::map<std::string, std::string> environment{};
    /// The names of the SQL databases that the function may use; absent: all.
    std::optional<std::vector<std::string>> uses{};
};

/// What a unit test sends with app::invoke.
struct invoke_options {
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

namespace detail {
struct app_state; // the declarations; sdk/cpp/src/app_state.h
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
} // namespace detail

/// An HTTP API. Cheap to copy; belongs to its app.
class api {
public:
    /// Has `handler` answer `method` (GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or ANY) on
    /// `path`: /users, /users/{id}, /files/{path+}, or "$default" (with ANY) for what matches
    /// nothing else. The handler takes a const request& or nothing, and returns a response, or a
    /// value that becomes 200 with it as JSON. What is wrong with a route, `nimbus deploy` says,
    /// and where it was `declared`.
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
    friend class app;
    api(std::shared_ptr<detail::app_state> state, std::size_t index) noexcept
        : state_(std::move(state)), index_(index)
    {
    }
    void add_route(std::string_view method, std::string_view path, detail::handler_function handler,
                   function_options options, std::source_location declared);

    std::shared_ptr<detail::app_state> state_;
    std::size_t index_;
};

/// The application: what it needs, and the handlers. Declare everything, then return run().
class app {
public:
    explicit app(app_options options,
                 std::source_location declared = std::source_location::current());
    app(const app&) = delete;
    app& operator=(const app&) = delete;

    /// A PostgreSQL database (Aurora DSQL). Handlers capture the result by value.
    sql::database sql(sql_options options,
                      std::source_location declared = std::source_location::current());
    nimbus::api api(api_options options,
                    std::source_location declared = std::source_location::current());

    /// Answers for handlers that threw something other than http_error: the exception has been
    /// logged, what `handler` returns goes to the client. Without it (or when it throws) the
    /// invocation fails and the gateway says 500 {"message":"Internal Server Error"}.
    void on_error(std::function<response(const std::exception&, const request&)> handler);

    /// What the process is asked for by its environment:
    /// - NIMBUS_MANIFEST_OUT=<file>: writes the declarations there, and beside them, as
    ///   <file>.places, where in the source they are; 0, or 1 with the reason on stderr
    /// - AWS_LAMBDA_RUNTIME_API and _HANDLER: serves that function until it is stopped
    /// - neither: says what this program is and how to deploy it; 2
    int run(int argc, char** argv);

    /// Runs the handler that the gateway would choose, in this process: for unit tests. A path that
    /// no route matches gives the gateway's 404 {"message":"Not Found"}; what a handler throws
    /// comes out as in production, but without on_error it comes out as the exception itself.
    response invoke(std::string_view method, std::string_view path_and_query,
                    const invoke_options& options = {}) const;

private:
    std::shared_ptr<detail::app_state> state_;
};

} // namespace nimbus

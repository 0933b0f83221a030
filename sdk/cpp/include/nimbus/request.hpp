#pragma once

#include <charconv>
#include <chrono>
#include <memory>
#include <nimbus/json.hpp>
#include <nimbus/log.hpp>
#include <nimbus/response.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus {

namespace detail {
struct HttpEvent; // one decoded invocation; sdk/cpp/src/api/event.h

/// A path or query parameter as a T; throws bad_request_error "<name> must be …".
[[noreturn]] void parameter_mismatch(std::string_view name, std::string_view wanted);
[[noreturn]] void parameter_out_of_range(std::string_view name);
double parse_real_parameter(std::string_view name, std::string_view text, double max);

template <class T>
T parse_parameter(std::string_view name, std::string_view text)
{
    if constexpr (std::same_as<T, std::string>) {
        return std::string(text);
    } else if constexpr (std::same_as<T, bool>) {
        if (text != "true" && text != "false")
            parameter_mismatch(name, "true or false");
        return text == "true";
    } else if constexpr (has_text_form<T>) {
        auto value = text_form<T>::parse(text);
        if (!value)
            parameter_mismatch(name, text_form<T>::wanted());
        return *std::move(value);
    } else if constexpr (std::floating_point<T>) {
        return static_cast<T>(
            parse_real_parameter(name, text, static_cast<double>(std::numeric_limits<T>::max())));
    } else {
        static_assert(std::integral<T>, "nimbus cannot read this type from a parameter");
        T value{};
        const auto* end = text.data() + text.size();
        const auto [stop, failure] = std::from_chars(text.data(), end, value);
        if (failure == std::errc::result_out_of_range && stop == end)
            parameter_out_of_range(name);
        if (failure != std::errc{} || stop != end)
            parameter_mismatch(name, "an integer");
        return value;
    }
}
} // namespace detail

/// One HTTP request as the function received it. Views stay valid as long as the request, which
/// lives as long as the handler runs; copies share the content.
class request {
public:
    explicit request(std::shared_ptr<const detail::HttpEvent> event) noexcept;

    /// GET, POST, …
    std::string_view method() const noexcept;
    /// Decoded by the gateway, without the stage: /users/42
    std::string_view path() const noexcept;
    /// The route that matched: /users/{id}
    std::string_view route() const noexcept;

    /// The value of {name} in the route, decoded. As another type: param<nimbus::uuid>("id"),
    /// param<int>("page"); a value that does not fit throws bad_request_error. A name that is not
    /// in the route throws std::out_of_range.
    std::string_view param(std::string_view name) const;
    template <class T>
    T param(std::string_view name) const
    {
        return detail::parse_parameter<T>(name, param(name));
    }

    /// The parameter of the query string, decoded; the last one where it is repeated.
    std::optional<std::string_view> query(std::string_view name) const noexcept;
    /// With a type and a default: query<int>("limit", 20); throws bad_request_error.
    template <class T>
    T query(std::string_view name, T otherwise) const
    {
        const auto text = query(name);
        return text ? detail::parse_parameter<T>(name, *text) : std::move(otherwise);
    }
    /// All values of a repeated parameter, in the order of the query string.
    std::vector<std::string_view> query_all(std::string_view name) const;

    /// A header's value, whatever the case of its name; the last one where it is repeated.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    std::vector<std::string_view> header_all(std::string_view name) const;

    /// The bytes that the client sent.
    const std::string& body() const noexcept;
    /// The body as JSON, or as a described struct (for which no body counts as {}). Throws
    /// bad_request_error, which the caller gets as 400 {"error": "items[2].name is required"}.
    /// `req.json<T>({.reject_unknown_fields = true})` takes nothing that T does not have.
    json::value json() const;
    template <class T>
    T json(const json_options& options = {}) const
    {
        try {
            if constexpr (detail::described<T>) {
                if (body().empty())
                    return from_json<T>(json::object(), options);
            }
            return from_json<T>(json(), options);
        } catch (const json_error& failure) {
            throw bad_request_error(failure.what());
        }
    }

    /// The gateway's id of the HTTP request, which the client sees as apigw-requestid.
    std::string_view request_id() const noexcept;
    /// Lambda's id of the invocation: the one in its log lines.
    std::string_view invocation_id() const noexcept;
    std::string_view source_ip() const noexcept;
    std::string_view stage() const noexcept;
    /// X-Ray's header for this invocation, or "".
    std::string_view trace_id() const noexcept;
    /// Until Lambda kills the invocation; never negative.
    std::chrono::milliseconds remaining_time() const noexcept;

    /// Lines with the invocation's id.
    logger log() const { return logger(invocation_id()); }
    /// The whole event, for what has no accessor (requestContext.authorizer, …).
    const json::object& raw_event() const noexcept;

private:
    std::shared_ptr<const detail::HttpEvent> event_;
};

} // namespace nimbus

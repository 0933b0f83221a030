#pragma once

#include <nimbus/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus {

/// What a handler answers. Made by the functions below; `header` and `add_header` chain:
///
///     return nimbus::ok(user).header("Cache-Control", "no-store");
class response {
public:
    using header_list = std::vector<std::pair<std::string, std::string>>;

    /// Without a body.
    explicit response(int status = 200) : status_(status) {}
    /// `body` as it is; bytes that are not UTF-8 reach the client unchanged, too (they travel as
    /// base64 between function and gateway).
    response(int status, std::string body, std::string content_type);

    int status() const noexcept { return status_; }
    const std::string& body() const noexcept { return body_; }
    const header_list& headers() const noexcept { return headers_; }
    /// The first header of that name, in any case of letters.
    std::optional<std::string> header(std::string_view name) const;
    /// The body parsed, for tests; throws json_error.
    json::value json() const { return parse_json_text(body_); }

    /// Replaces the header. Throws std::invalid_argument for a name or value that HTTP does not
    /// allow, such as one with a line break.
    response& header(std::string_view name, std::string value) &;
    response&& header(std::string_view name, std::string value) &&
    {
        return std::move(header(name, std::move(value)));
    }
    /// Adds another header of that name: Set-Cookie.
    response& add_header(std::string_view name, std::string value) &;
    response&& add_header(std::string_view name, std::string value) &&
    {
        return std::move(add_header(name, std::move(value)));
    }

private:
    int status_;
    std::string body_;
    header_list headers_;
};

namespace detail {
response json_response(int status, const json::value& body);
}

/// `body` as JSON with any status. A braced list is an object: reply(202, {{"job", id}}).
template <class T>
response reply(int status, const T& body)
{
    return detail::json_response(status, to_json(body));
}
inline response reply(int status, std::initializer_list<field> members)
{
    return detail::json_response(status, object(members));
}

/// 200 with `body` as JSON.
inline response ok(std::initializer_list<field> members)
{
    return reply(200, members);
}
template <class T>
response ok(const T& body)
{
    return reply(200, body);
}
/// 200 without a body.
inline response ok()
{
    return response(200);
}

/// 201 with `body` as JSON.
inline response created(std::initializer_list<field> members)
{
    return reply(201, members);
}
template <class T>
response created(const T& body)
{
    return reply(201, body);
}

/// 204
inline response no_content()
{
    return response(204);
}

/// {"error": message} with that status.
response error(int status, std::string_view message);
inline response bad_request(std::string_view message)
{
    return error(400, message);
}
inline response unauthorized(std::string_view message)
{
    return error(401, message);
}
inline response forbidden(std::string_view message)
{
    return error(403, message);
}
inline response not_found(std::string_view message)
{
    return error(404, message);
}
inline response conflict(std::string_view message)
{
    return error(409, message);
}

/// 200 text/plain
response text(std::string body);
/// 200 text/html
response html(std::string body);
/// 200 with these bytes: images, archives.
response binary(std::string bytes, std::string content_type = "application/octet-stream");

/// An answer as an exception: from the depth of a handler, throw http_error(404, "No such order")
/// and the caller gets {"error": "No such order"} with that status. Thrown on purpose, it is not
/// logged as a failure.
class http_error : public std::runtime_error {
public:
    http_error(int status, const std::string& message)
        : std::runtime_error(message), status_(status)
    {
    }
    int status() const noexcept { return status_; }

private:
    int status_;
};

/// The request cannot be read: what request::json() and the parameter accessors throw. 400.
class bad_request_error : public http_error {
public:
    explicit bad_request_error(const std::string& message) : http_error(400, message) {}
};

} // namespace nimbus

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::http {

/// Header fields in the order they came; names compare without case, and may repeat.
class Headers {
public:
    using Entry = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Entry> entries) : entries_(entries) {}

    void add(std::string name, std::string value);
    /// Replaces all fields of that name.
    void set(std::string name, std::string value);
    void remove(std::string_view name);

    /// The first value.
    std::optional<std::string_view> find(std::string_view name) const;
    /// The first value, or "".
    std::string_view get(std::string_view name) const { return find(name).value_or(""); }
    bool contains(std::string_view name) const { return find(name).has_value(); }

    const std::vector<Entry>& entries() const noexcept { return entries_; }
    auto begin() const noexcept { return entries_.begin(); }
    auto end() const noexcept { return entries_.end(); }

private:
    std::vector<Entry> entries_;
};

struct Request {
    std::string method;
    std::string target; ///< as in the request line: path, and query if any, percent-encoded
    Headers headers;
    std::string body;
    std::string peer_address; ///< server side: the client's IP address as text

    std::string_view path() const noexcept;  ///< target up to `?`
    std::string_view query() const noexcept; ///< target after `?`, or ""
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

/// The registered reason phrase (RFC 9110 section 15), or "".
std::string_view reason_phrase(int status) noexcept;

/// Name and value pairs of a query string, decoded, in order; `a` alone has the value "".
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

} // namespace nimbus::http

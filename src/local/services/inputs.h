#pragma once

#include "base/json.h"
#include "base/time.h"
#include "local/services/service.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Reading the members of a JSON request. Each throws the service's own validation error when the
/// member has another type; `code` says which.
namespace nimbus::local {

class Input {
public:
    /// `code`: "ValidationException", "InvalidParameterException", …
    Input(const json::object& object, std::string_view code) : object_(object), code_(code) {}

    bool has(std::string_view name) const;
    std::optional<std::string> text(std::string_view name) const;
    std::string required_text(std::string_view name) const;
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least,
                                        std::int64_t most) const;
    std::optional<bool> boolean(std::string_view name) const;
    /// Seconds since the epoch, of the years 1970 to 2199.
    std::optional<SystemTime> timestamp(std::string_view name) const;
    const json::object* object(std::string_view name) const;
    const json::array* array(std::string_view name) const;
    /// An object of strings.
    std::optional<std::map<std::string, std::string>> map(std::string_view name) const;

    /// Throws the validation error.
    [[noreturn]] void refuse(const std::string& message) const;

private:
    const json::value* find(std::string_view name) const;
    [[noreturn]] void wrong_type(std::string_view name, std::string_view expected) const;

    const json::object& object_;
    std::string_view code_;
};

/// Is the member no input: null, false, "", an empty list, or an object of such members?
bool says_nothing(const json::value& value);

json::object map_to_json(const std::map<std::string, std::string>& map);

} // namespace nimbus::local

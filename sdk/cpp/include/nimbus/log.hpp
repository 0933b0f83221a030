#pragma once

#include <nimbus/json.hpp>
#include <string>
#include <string_view>

namespace nimbus {

/// Writes one line of JSON per message to stderr, which Lambda keeps in CloudWatch Logs:
///
///     {"level":"INFO","timestamp":"…","requestId":"…","message":"signed up","user":"…"}
///
/// Cheap to copy. Get one from request::log().
class logger {
public:
    logger() = default;
    explicit logger(std::string_view request_id) : request_id_(request_id) {}

    void info(std::string_view message, std::initializer_list<field> fields = {}) const
    {
        write("INFO", message, fields);
    }
    void warn(std::string_view message, std::initializer_list<field> fields = {}) const
    {
        write("WARN", message, fields);
    }
    void error(std::string_view message, std::initializer_list<field> fields = {}) const
    {
        write("ERROR", message, fields);
    }

private:
    void write(std::string_view level, std::string_view message,
               std::initializer_list<field> fields) const;

    std::string request_id_;
};

} // namespace nimbus

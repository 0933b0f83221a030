#pragma once

#include "aws/service.h"
#include "http/message.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An operation is a struct: its members are the request, `info` its constants, `Response` what
/// comes back, `encode()` and `decode()` the way between them and HTTP. `aws::Client::call` takes
/// any of them. The service models that come with botocore are the authority on every shape.
///
/// Empty strings and absent optionals are not sent. Where an operation has pages, request and
/// response both have `next_token`, whatever its name is on the wire.
namespace nimbus::aws {

enum class Effect {
    read,
    change,      ///< a repeat changes nothing more, or is refused because the name is taken
    change_once, ///< a repeat would do it twice: sent again only if AWS surely did not act, and
                 ///< each time on a connection of its own
};

/// How a request proves who sends it. Source: `authtype` in the service models.
enum class Signing {
    sigv4,
    none, ///< by what it carries: a bearer token, a web identity, a refresh token
};

struct OperationInfo {
    const Service& service;
    std::string_view name; ///< as in AWS's documentation
    Effect effect;
    Signing signing = Signing::sigv4;

    constexpr bool is_change() const noexcept { return effect != Effect::read; }
    constexpr bool is_idempotent() const noexcept { return effect != Effect::change_once; }
};

/// What `encode` makes: all of a request but the endpoint and the signature.
struct Encoded {
    std::string method;
    std::string path; ///< absolute, percent-encoded; for S3 without the bucket
    std::vector<std::pair<std::string, std::string>> query; ///< not yet encoded
    http::Headers headers;
    std::string body;
    std::string bucket; ///< S3 only: becomes part of the host or of the path
    /// For an operation whose answer may take longer than the HTTP client waits for a sign of life.
    std::optional<std::chrono::milliseconds> total_timeout = {};
};

using Tags = std::map<std::string, std::string>;

/// The answer of operations that return nothing worth knowing.
struct Nothing {};

} // namespace nimbus::aws

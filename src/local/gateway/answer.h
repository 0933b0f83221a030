#pragma once

#include "http/message.h"
#include "local/gateway/router.h"

#include <expected>
#include <string>
#include <string_view>

namespace nimbus::local::gateway {

/// The HTTP answer that a function's payload stands for, or why it stands for none, which API
/// Gateway makes a 500. The reason is for the log: it has the names of members, and nothing of what
/// the function put into them (API Gateway Developer Guide, "Create AWS Lambda proxy integrations
/// for HTTP APIs in API Gateway", "Lambda function response format").
///
/// Format 1.0: {statusCode, headers, multiValueHeaders, body, isBase64Encoded}, of which only
/// statusCode (200 to 599) must be there. A value that is in both kinds of headers counts once.
/// Format 2.0: the same with `cookies` instead of multiValueHeaders; and any JSON without a
/// statusCode is itself the body of a 200 with `application/json`, a string without its quotes.
///
/// Header values may be strings, numbers and booleans; null leaves the header out. A name or value
/// that could break the framing (RFC 9110 section 5.5: line breaks and other controls) makes the
/// whole malformed. Headers that belong to the connection, Content-Length and Apigw-Requestid are
/// the gateway's own and dropped; unlike REST APIs, HTTP APIs rename none to x-amzn-remapped-*. A
/// body without a Content-Type is `text/plain; charset=utf-8`.
std::expected<http::Response, std::string> decode_answer(std::string_view payload,
                                                         PayloadFormat format);

/// {"message": "<what API Gateway calls it>"}
http::Response gateway_error(int status);

} // namespace nimbus::local::gateway

#pragma once

#include "http/message.h"
#include "local/gateway/request_facts.h"
#include "local/gateway/router.h"

#include <string>

namespace nimbus::local::gateway {

/// Lambda's limit for the payload of a synchronous invocation ("Lambda quotas"): 6 MB.
inline constexpr std::size_t max_event_bytes = 6 * 1024 * 1024;

/// The event of a Lambda proxy integration, as JSON (API Gateway Developer Guide, "Create AWS
/// Lambda proxy integrations for HTTP APIs in API Gateway"). Where the guide's examples are silent,
/// events that HTTP APIs really sent decide:
///
///  - `path` and `rawPath` are percent-decoded and begin with the stage's name, unless that is
///    `$default`; `requestContext.path` is the same. (The guide's example has neither stage nor
///    escapes.)
///  - `resource` and `resourcePath` are the route's path, `resourceId` is its key.
///  - Format 1.0 has most header names in lower case, but Content-Length, Content-Type, Host,
///    User-Agent, X-Amzn-Trace-Id and X-Forwarded-* in this form; format 2.0 has all in lower case.
///    Of repeated headers and parameters, 1.0 has the last one outside the multi-value twins; 2.0
///    joins them with commas, cookies apart.
///  - In 1.0 what is absent is null; in 2.0 it is left out.
///  - Bodies are text when their type is text/* or application/json, /xml or /javascript.
///    All others are base64: form data, +json and bodies without a type, too. A body that says it
///    is text and isn't UTF-8 is base64, so that nothing of it is lost.
///
/// Headers that belong to the connection are left out; Content-Length, X-Amzn-Trace-Id and
/// X-Forwarded-For, -Port and -Proto are completed.
std::string encode_event(const Router& router, const Match& match, const http::Request& request,
                         const RequestFacts& facts);

} // namespace nimbus::local::gateway

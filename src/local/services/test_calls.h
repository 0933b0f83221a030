#pragma once

#include "base/file.h"
#include "base/json.h"
#include "local/services/service.h"
#include "sqlite/database.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

/// What the services' tests share: requests as clients send them, answered by Service::handle.
namespace nimbus::local::testing_calls {

inline const Principal administrator{.kind = Principal::Kind::root,
                                     .account_id = "123456789012",
                                     .arn = "arn:aws:iam::123456789012:root",
                                     .identity_arn = "arn:aws:iam::123456789012:root",
                                     .unique_id = "123456789012",
                                     .user_id = "123456789012"};

struct Sent {
    std::string method;
    std::string target;
    std::string body;
    http::Headers headers;
    Principal caller = administrator;
};

inline http::Response send(const Service& service, Sent sent)
{
    Call call{.request_id = "request-1",
              .account_id = "123456789012",
              .region = "us-east-1",
              .caller = std::move(sent.caller),
              .request = {.method = std::move(sent.method),
                          .target = std::move(sent.target),
                          .headers = std::move(sent.headers),
                          .body = std::move(sent.body)}};
    call.query = http::parse_query(call.request.query());
    std::optional<http::Response> answer;
    service.handle(std::move(call), [&](http::Response response) { answer = std::move(response); });
    EXPECT_TRUE(answer) << "no answer";
    return answer.value_or(http::Response{.status = 0});
}

inline http::Response send_json(const Service& service, const std::string& method,
                                const std::string& target, const std::string& body = {})
{
    return send(service, {.method = method, .target = target, .body = body});
}

inline http::Response send_target(const Service& service, const std::string& operation,
                                  const std::string& body)
{
    return send(service, {.method = "POST",
                          .target = "/",
                          .body = body,
                          .headers = {{"x-amz-target", service.api + "." + operation}}});
}

inline http::Response send_form(const Service& service, const std::string& form)
{
    return send(service, {.method = "POST", .target = "/", .body = form});
}

inline json::object body_of(const http::Response& response)
{
    return parse_json(response.body, "the answer").as_object();
}

inline std::string error_of(const http::Response& response)
{
    return std::to_string(response.status) + " " +
           std::string(response.headers.get("x-amzn-ErrorType"));
}

/// The text between the first <name> and </name>.
inline std::string element(const http::Response& response, const std::string& name)
{
    const auto open = "<" + name + ">";
    const auto start = response.body.find(open);
    if (start == std::string::npos)
        return {};
    const auto from = start + open.size();
    return response.body.substr(from, response.body.find("</" + name + ">", from) - from);
}

} // namespace nimbus::local::testing_calls

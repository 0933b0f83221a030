#include "base/encoding.h"
#include "local/front_door/form_upload.h"
#include "local/services/service.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace nimbus::local {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const SystemTime now = *parse_iso8601("2026-01-01T00:00:00Z");

std::string policy(const std::string& conditions,
                   const std::string& expiration = "2026-01-01T00:01:00Z")
{
    return base64_encode(R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions +
                         "]}");
}

http::Request form(const Fields& fields, const std::string& file = "content")
{
    http::Request request{.method = "POST",
                          .target = "/bucket",
                          .headers = {{"Content-Type", "multipart/form-data; boundary=\"a b\""}}};
    for (const auto& [name, value] : fields)
        request.body += "--a b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
                        value + "\r\n";
    request.body += "--a b\r\nContent-Disposition: form-data; filename=\"C:\\dir\\me.txt\"; "
                    "name=file\r\nContent-Type: text/plain\r\n\r\n" +
                    file + "\r\n--a b--\r\n";
    return request;
}

std::string refusal(const http::Request& request)
{
    try {
        const FormUpload upload(request);
        upload.check_policy(now);
        return "none";
    } catch (const ServiceError& error) {
        return error.code + " " + error.what();
    }
}

TEST(FormUpload, IsAPostOfAFormToABucket)
{
    auto request = form({});
    EXPECT_TRUE(is_form_upload(request));
    request.target = "/bucket/";
    EXPECT_TRUE(is_form_upload(request));
    request.target = "/bucket/key";
    EXPECT_FALSE(is_form_upload(request));
    request.target = "/bucket?delete";
    EXPECT_FALSE(is_form_upload(request));
    request.target = "/bucket";
    request.headers.add("Authorization", "AWS4-HMAC-SHA256 …");
    EXPECT_FALSE(is_form_upload(request));
}

TEST(FormUpload, BecomesTheWriteThatItAsksFor)
{
    const FormUpload upload(form({{"Key", "dir/${filename}"},
                                  {"acl", "private"},
                                  {"Content-Type", "text/html"},
                                  {"x-amz-meta-who", "me"},
                                  {"x-amz-date", "20260101T000000Z"},
                                  {"success_action_status", "201"}},
                                 "a\r\n--a\r\nb"));
    const auto put = upload.put_request();
    EXPECT_EQ(put.method + " " + put.target, "PUT /bucket/dir/me.txt");
    EXPECT_EQ(put.body, "a\r\n--a\r\nb");
    EXPECT_EQ(put.headers.get("x-amz-acl"), "private");
    EXPECT_EQ(put.headers.get("content-type"), "text/html");
    EXPECT_EQ(put.headers.get("x-amz-meta-who"), "me");
    EXPECT_FALSE(put.headers.contains("x-amz-date"));
    const auto answer = upload.answer({.headers = {{"etag", "\"e\""}}}, "http://here");
    EXPECT_EQ(answer.status, 201);
    EXPECT_NE(answer.body.find("<Location>http://here/bucket/dir/me.txt</Location>"),
              std::string::npos);
}

TEST(FormUpload, LeadsTheBrowserOn)
{
    const auto answered = [](const Fields& more) {
        Fields fields{{"key", "a b"}};
        fields.insert(fields.end(), more.begin(), more.end());
        return FormUpload(form(fields)).answer({.headers = {{"etag", "\"e\""}}}, "http://here");
    };
    EXPECT_EQ(answered({}).status, 204);
    EXPECT_EQ(answered({{"success_action_status", "200"}}).status, 200);
    const auto led = answered({{"success_action_redirect", "http://there/?x=1"}});
    EXPECT_EQ(led.status, 303);
    EXPECT_EQ(led.headers.get("location"),
              "http://there/?x=1&bucket=bucket&key=a%20b&etag=%22e%22");
}

TEST(FormUpload, KeepsToItsPolicy)
{
    const std::string listed = R"({"bucket":"bucket"},["starts-with","$key","dir/"])";
    const auto with = [&](const std::string& conditions, Fields fields,
                          const std::string& expiration = "2026-01-01T00:01:00Z") {
        fields.emplace_back("policy", policy(conditions, expiration));
        return refusal(form(fields));
    };
    EXPECT_EQ(with(listed, {{"key", "dir/a"}}), "none");
    EXPECT_EQ(with(listed, {{"key", "dir/a"}, {"x-ignore-me", "1"}}), "none");
    EXPECT_EQ(with(listed, {{"key", "dir/a"}}, "2026-01-01T00:00:00Z"),
              "AccessDenied Invalid according to Policy: Policy expired.");
    EXPECT_EQ(with(listed, {{"key", "other/a"}}),
              "AccessDenied Invalid according to Policy: Policy Condition failed: "
              R"(["starts-with", "$key", "dir/"])");
    EXPECT_EQ(with(listed, {{"key", "dir/a"}, {"acl", "private"}}),
              "AccessDenied Invalid according to Policy: Extra input fields: acl");
    EXPECT_EQ(with(R"({"bucket":"other"},["eq","$key","a"])", {{"key", "a"}}),
              R"(AccessDenied Invalid according to Policy: Policy Condition failed: )"
              R"(["eq", "$bucket", "other"])");
    EXPECT_EQ(with(listed + R"(,["content-length-range",8,9])", {{"key", "dir/a"}}),
              "EntityTooSmall Your proposed upload is smaller than the minimum allowed size");
    EXPECT_EQ(with(listed + R"(,["content-length-range","1",6])", {{"key", "dir/a"}}),
              "EntityTooLarge Your proposed upload exceeds the maximum allowed size");
    EXPECT_EQ(with(listed + R"(,["content-length-range",7,7])", {{"key", "dir/a"}}), "none");
    EXPECT_EQ(with(listed + R"(,["ends-with","$key","a"])", {{"key", "dir/a"}}),
              "AccessDenied Invalid according to Policy: Invalid Policy: Invalid Condition.");
    EXPECT_EQ(with(listed + R"(,["content-length-range",-1,6])", {{"key", "dir/a"}}),
              "AccessDenied Invalid according to Policy: Invalid Policy: content-length-range "
              "needs two numbers.");
}

TEST(FormUpload, HasToBeComplete)
{
    EXPECT_NE(refusal(form({})).find("must contain a field named 'key'"), std::string::npos);
    auto request = form({{"key", "a"}});
    EXPECT_EQ(refusal(request).substr(0, 21), "InvalidPolicyDocument");
    for (const auto* body :
         {"", "--a b", "--a b\r\n", "--a b--", "--a b\r\n\r\nx\r\n--a b--",
          "--a b\r\nContent-Disposition: form-data; name=\"key\r\n\r\n--a b--"}) {
        request.body = body;
        const auto code = refusal(request);
        EXPECT_TRUE(code.starts_with("MalformedPOSTRequest") || code.starts_with("InvalidArgument"))
            << body << ": " << code;
    }
    request = form({{"key", "a"}});
    request.headers.set("Content-Type", "multipart/form-data");
    EXPECT_EQ(refusal(request).substr(0, 20), "MalformedPOSTRequest");
}

} // namespace
} // namespace nimbus::local

#include "aws/web_page.h"

#include "base/encoding.h"
#include "base/text.h"

#include <algorithm>

namespace nimbus::aws {
namespace {

constexpr std::size_t longest_title = 100;

bool has_aws_request_id(const http::Response& response)
{
    return response.headers.contains("x-amzn-RequestId") ||
           response.headers.contains("x-amz-request-id");
}

/// The text of <title>, shown as one line of UTF-8 without control characters.
std::string title_of(std::string_view page)
{
    const auto lower = to_lower(page);
    const auto tag = lower.find("<title");
    const auto begin = tag == std::string::npos ? tag : lower.find('>', tag);
    const auto end = begin == std::string::npos ? begin : lower.find("</title", begin);
    if (end == std::string::npos)
        return {};
    std::string title = to_utf8(trim(page.substr(begin + 1, end - begin - 1)));
    std::ranges::replace_if(title, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return title.size() > longest_title ? "" : title;
}

} // namespace

bool is_web_page(const http::Response& response)
{
    const auto begin = to_lower(trim(response.body).substr(0, 16));
    const bool is_html = to_lower(response.headers.get("Content-Type")).starts_with("text/html") ||
                         begin.starts_with("<!doctype html") || begin.starts_with("<html");
    return is_html && !has_aws_request_id(response);
}

std::string describe_web_page(const http::Response& response)
{
    const auto title = title_of(response.body);
    return "a web page" + (title.empty() ? "" : ", '" + title + "'") + " (HTTP status " +
           std::to_string(response.status) + ")";
}

} // namespace nimbus::aws

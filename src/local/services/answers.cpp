#include "local/services/answers.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>

namespace nimbus::local {
namespace {

bool is_unprintable(char c)
{
    return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n';
}

/// Without leading zeros.
std::string lowest_hexadecimal(unsigned char byte)
{
    std::array<char, 2> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), byte, 16).ptr;
    return {digits.data(), end};
}

void escape(std::string& out, std::string_view text)
{
    for (const auto c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\r':
            out += "&#13;";
            break;
        default:
            // As S3 writes them, although XML 1.0 has no such characters.
            if (is_unprintable(c))
                out += "&#x" + lowest_hexadecimal(static_cast<unsigned char>(c)) + ";";
            else
                out += c;
        }
    }
}

} // namespace

http::Response json_answer(const json::object& body, int status)
{
    return {.status = status,
            .headers = {{"content-type", "application/json"}},
            .body = json::serialize(body)};
}

http::Response json_1_1_answer(const json::object& body)
{
    return {.headers = {{"content-type", "application/x-amz-json-1.1"}},
            .body = json::serialize(body)};
}

double epoch_seconds(SystemTime time)
{
    return static_cast<double>(to_unix_milliseconds(time)) / 1000.0;
}

http::Response no_content(int status)
{
    return {.status = status};
}

http::Response json_error(const ServiceError& error, Protocol protocol)
{
    auto body = error.members;
    if (protocol == Protocol::json_1_1)
        body["__type"] = error.code;
    if (!body.contains("Message"))
        body["message"] = error.what();
    auto response = protocol == Protocol::json_1_1 ? json_1_1_answer(body) : json_answer(body);
    response.status = error.status;
    response.headers.set("x-amzn-ErrorType", error.code);
    return response;
}

Xml::Xml(bool with_declaration)
    : text_(with_declaration ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "")
{
}

Xml& Xml::open(std::string_view name, std::string_view xml_namespace)
{
    text_.append("<").append(name);
    if (!xml_namespace.empty())
        text_.append(" xmlns=\"").append(xml_namespace).append("\"");
    text_ += '>';
    return *this;
}

Xml& Xml::close(std::string_view name)
{
    text_.append("</").append(name).append(">");
    return *this;
}

Xml& Xml::text(std::string_view name, std::string_view value)
{
    open(name);
    escape(text_, value);
    return close(name);
}

Xml& Xml::group(std::string_view name, const std::function<void(Xml&)>& content)
{
    open(name);
    content(*this);
    return close(name);
}

http::Response xml_answer(const Xml& xml, int status)
{
    return {.status = status, .headers = {{"content-type", "application/xml"}}, .body = xml.str()};
}

http::Response query_answer(const Call& call, std::string_view action,
                            std::string_view xml_namespace, const std::function<void(Xml&)>& result)
{
    Xml xml(false);
    const auto name = std::string(action);
    xml.open(name + "Response", xml_namespace);
    if (result)
        xml.group(name + "Result", result);
    xml.group("ResponseMetadata", [&](Xml& meta) { meta.text("RequestId", call.request_id); });
    xml.close(name + "Response");
    auto response = xml_answer(xml);
    response.headers.set("content-type", "text/xml");
    return response;
}

http::Response query_error(const ServiceError& error, std::string_view xml_namespace,
                           const std::string& request_id)
{
    Xml xml(false);
    xml.open("ErrorResponse", xml_namespace);
    xml.group("Error", [&](Xml& body) {
        body.text("Type", error.status < 500 ? "Sender" : "Receiver");
        body.text("Code", error.code);
        body.text("Message", error.what());
    });
    xml.text("RequestId", request_id);
    xml.close("ErrorResponse");
    auto response = xml_answer(xml, error.status);
    response.headers.set("content-type", "text/xml");
    return response;
}

http::Response s3_error(const ServiceError& error, const std::string& resource,
                        const std::string& request_id)
{
    Xml xml;
    xml.group("Error", [&](Xml& body) {
        body.text("Code", error.code);
        body.text("Message", error.what());
        for (const auto& [name, value] : error.members)
            if (value.is_string())
                body.text(name, value.get_string());
        body.text("Resource", resource);
        body.text("RequestId", request_id);
    });
    return xml_answer(xml, error.status);
}

} // namespace nimbus::local

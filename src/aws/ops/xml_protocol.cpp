#include "aws/ops/xml_protocol.h"

#include "base/error.h"

#include <sstream>

namespace nimbus::aws {

pugi::xml_document parse_xml(const http::Response& response)
{
    pugi::xml_document document;
    const auto parsed = document.load_buffer(response.body.data(), response.body.size(),
                                             pugi::parse_default, pugi::encoding_utf8);
    if (!parsed)
        throw Error(std::string("the answer is not valid XML: ") + parsed.description());
    return document;
}

pugi::xml_node result_of(const pugi::xml_document& document, const OperationInfo& operation)
{
    const std::string name(operation.name);
    const auto result =
        document.child((name + "Response").c_str()).child((name + "Result").c_str());
    if (!result)
        throw Error("the answer has no " + name + "Result");
    return result;
}

std::string text_of(const pugi::xml_node& parent, const char* name)
{
    return parent.child(name).text().get();
}

std::string required_text(const pugi::xml_node& parent, const char* name)
{
    auto text = text_of(parent, name);
    if (text.empty())
        throw Error(std::string("the answer has no ") + name);
    return text;
}

SystemTime required_time(const pugi::xml_node& parent, const char* name)
{
    const auto time = parse_iso8601(required_text(parent, name));
    if (!time)
        throw Error(std::string(name) + " in the answer is not a time");
    return *time;
}

std::string next_marker(const pugi::xml_node& result, const char* name)
{
    return text_of(result, "IsTruncated") == "true" ? required_text(result, name) : "";
}

Tags tags_of(const pugi::xml_node& parent)
{
    Tags tags;
    for (const auto& member : parent.child("Tags").children("member"))
        tags[required_text(member, "Key")] = text_of(member, "Value");
    return tags;
}

XmlBody::XmlBody(const char* root_name)
{
    document_.append_child(root_name).append_attribute("xmlns").set_value(
        "http://s3.amazonaws.com/doc/2006-03-01/");
}

std::string XmlBody::text() const
{
    std::ostringstream out;
    document_.save(out, "", pugi::format_raw | pugi::format_no_declaration);
    return out.str();
}

void add_text(pugi::xml_node parent, const char* name, const std::string& text)
{
    parent.append_child(name).text().set(text.c_str());
}

} // namespace nimbus::aws

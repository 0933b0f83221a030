#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <pugixml.hpp>

#include <string>
#include <utility>
#include <vector>

/// XML as the query and rest-xml protocols write it. What is missing where it has to be throws
/// Error.
namespace nimbus::aws {

/// The document has to outlive its nodes.
pugi::xml_document parse_xml(const http::Response& response);
/// <GetRoleResponse><GetRoleResult>
pugi::xml_node result_of(const pugi::xml_document& document, const OperationInfo& operation);

/// The text of the child element, or "".
std::string text_of(const pugi::xml_node& parent, const char* name);
std::string required_text(const pugi::xml_node& parent, const char* name);
SystemTime required_time(const pugi::xml_node& parent, const char* name);
/// The marker of the next page, or "": <IsTruncated>true</…><Marker>…</Marker>.
std::string next_marker(const pugi::xml_node& result, const char* name = "Marker");
/// <Tags><member><Key>…</Key><Value>…</Value></member>…</Tags>
Tags tags_of(const pugi::xml_node& parent);

/// What `decode` makes of each <name><member>.
template <class Decode>
auto members_of(const pugi::xml_node& parent, const char* name, Decode decode)
{
    std::vector<decltype(decode(pugi::xml_node()))> items;
    for (const auto& member : parent.child(name).children("member"))
        items.push_back(decode(member));
    return items;
}

/// A document in S3's namespace for the body of a request, built through `root`.
class XmlBody {
public:
    explicit XmlBody(const char* root_name);

    pugi::xml_node root() const { return document_.document_element(); }
    std::string text() const;

private:
    pugi::xml_document document_;
};

void add_text(pugi::xml_node parent, const char* name, const std::string& text);

} // namespace nimbus::aws

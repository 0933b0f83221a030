#include "local/services/operation_inputs.h"

#include "base/text.h"
#include "local/services/inputs.h"

#include <pugixml.hpp>

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

/// Is there a path in the list that begins with `path` and goes on below it?
bool has_members_of(std::string_view paths, std::string_view path)
{
    return std::ranges::any_of(split(paths, ' '), [&](std::string_view one) {
        return one.size() > path.size() && one.starts_with(path) && one[path.size()] == '.';
    });
}

/// Does this list of paths take the member? It does when it has it, one that it lies below, or "*".
bool takes_member(std::string_view paths, std::string_view path) noexcept
{
    while (!paths.empty()) {
        const auto end = std::min(paths.find(' '), paths.size());
        const auto one = paths.substr(0, end);
        paths.remove_prefix(std::min(end + 1, paths.size()));
        if (one == "*" || path == one ||
            (path.size() > one.size() && !one.empty() && path.starts_with(one) &&
             path[one.size()] == '.'))
            return true;
    }
    return false;
}

/// Looks through one request for a member without a verdict.
class Search {
public:
    Search(const Service& service, const InputMembers& members)
        : service_(service), members_(members)
    {
    }

    void look_at(const json::object& object, const std::string& above = {}) const
    {
        for (const auto& [name, value] : object)
            look_at(value, above.empty() ? std::string(name) : above + "." + std::string(name));
    }

    /// Tags.member.1.Key -> Tags.Key
    void look_at_field(std::string_view name, std::string_view value) const
    {
        if (value.empty())
            return;
        std::vector<std::string> parts;
        const auto all = split(name, '.');
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i] == "member" && i + 1 < all.size()) {
                ++i;
                continue;
            }
            parts.emplace_back(all[i]);
        }
        need(join(parts, "."));
    }

    /// An element of an XML document: those below it, or its text.
    void look_at(const pugi::xml_node& element, const std::string& above = {}) const
    {
        auto path = above.empty() ? std::string() : above + ".";
        path += element.name();
        if (is_known_above(path)) {
            for (const auto& below : element.children())
                if (below.type() == pugi::node_element)
                    look_at(below, path);
        } else if (element.first_child()) {
            need(path);
        }
    }

    /// Throws where it is not known.
    void need(const std::string& path) const
    {
        if (is_known(path))
            return;
        const auto message = "The local cloud does not have '" + path + "' of " +
                             std::string(members_.operation) + ": leave it out.";
        if (service_.protocol == Protocol::rest_xml)
            throw ServiceError(501, service_.input_error, std::string(not_implemented) + message);
        throw ServiceError(400, service_.input_error, message);
    }

    /// The names of headers have no case.
    void need_header(std::string_view name) const
    {
        const auto is_it = [&](std::string_view one) {
            return iequals(one, name) || (one.ends_with('-') && name.size() > one.size() &&
                                          iequals(one, name.substr(0, one.size())));
        };
        if (std::ranges::none_of(split(members_.taken, ' '), is_it) &&
            std::ranges::none_of(members_.harmless, is_it, &HarmlessMember::name))
            need(std::string(name));
    }

private:
    /// S3's own words.
    static constexpr std::string_view not_implemented =
        "A header or query you provided implies functionality that is not implemented. ";

    void look_at(const json::value& value, const std::string& path) const
    {
        if (const auto* list = value.if_array()) {
            for (const auto& element : *list)
                look_at(element, path);
            return;
        }
        const auto* object = value.if_object();
        if (object != nullptr && (is_known_above(path) || !is_known(path)))
            return look_at(*object, path);
        if (!says_nothing(value))
            need(path);
    }

    bool is_known(std::string_view path) const
    {
        return takes_member(members_.taken, path) ||
               std::ranges::any_of(members_.harmless,
                                   [&](const auto& one) { return takes_member(one.name, path); });
    }

    bool is_known_above(std::string_view path) const
    {
        return has_members_of(members_.taken, path) ||
               std::ranges::any_of(members_.harmless,
                                   [&](const auto& one) { return has_members_of(one.name, path); });
    }

    const Service& service_;
    const InputMembers& members_;
};

/// What signs a request in its query is no input of the operation.
bool signs(std::string_view parameter)
{
    return to_lower(parameter).starts_with("x-amz-");
}

/// Headers of S3's that are about the transfer and not about the operation.
constexpr std::array<std::string_view, 8> headers_of_transfers{
    "x-amz-api-version",    "x-amz-content-sha256",
    "x-amz-date",           "x-amz-decoded-content-length",
    "x-amz-security-token", "x-amz-te",
    "x-amz-trailer",        "x-amz-user-agent"};

/// Does S3 read this header as an input of any operation? Other headers are for everybody on the
/// way, and those that tell of a body mean the same to all operations.
bool is_input(std::string_view header)
{
    const auto name = to_lower(header);
    return name == "range" || name.starts_with("if-") ||
           (name.starts_with("x-amz-") &&
            std::ranges::find(headers_of_transfers, name) == headers_of_transfers.end());
}

/// Does S3 leave the parameter alone? Source: Amazon S3 User Guide, "Amazon S3 server access log
/// format", custom access log information.
bool is_custom(std::string_view parameter)
{
    return to_lower(parameter).starts_with("x-");
}

/// What is not well-formed, the operation itself refuses.
void look_at_xml(const Search& search, const std::string& body)
{
    pugi::xml_document document;
    if (document.load_buffer(body.data(), body.size()))
        search.look_at(document.document_element());
}

/// Is the parameter one by which the operation is found?
bool is_in_path(const Operation& operation, std::string_view parameter)
{
    const auto mark = operation.path.find('?');
    if (mark == std::string_view::npos)
        return false;
    return std::ranges::any_of(
        split(operation.path.substr(mark + 1), '&'),
        [&](std::string_view one) { return one.substr(0, one.find('=')) == parameter; });
}

void look_at_rest_xml(const Search& search, const Operation& operation, const Call& call)
{
    for (const auto& [name, value] : call.query)
        if (!is_custom(name) && !is_in_path(operation, name))
            search.need(name);
    for (const auto& [name, value] : call.request.headers)
        if (is_input(name) && !value.empty() && !iequals(value, "false"))
            search.need_header(name);
    if (operation.body == Body::document && !trim(call.request.body).empty())
        look_at_xml(search, call.request.body);
}

} // namespace

void refuse_unknown_input(const Service& service, const Operation& operation, const Call& call)
{
    const auto members =
        std::ranges::find(service.inputs, operation.name, &InputMembers::operation);
    if (members == service.inputs.end())
        return;
    const Search search(service, *members);
    if (service.protocol == Protocol::rest_xml)
        return look_at_rest_xml(search, operation, call);
    search.look_at(call.input);
    if (service.protocol == Protocol::query) {
        for (const auto& [name, value] : call.form)
            if (name != "Action" && name != "Version" && !signs(name))
                search.look_at_field(name, value);
        return;
    }
    for (const auto& [name, value] : call.query)
        if (!value.empty() && !signs(name) && !is_in_path(operation, name))
            search.need(name);
}

} // namespace nimbus::local

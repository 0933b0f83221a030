#include "local/services/service.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/operation_inputs.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace nimbus::local {
namespace {

/// Fills in `labels` and says whether the path fits the template.
bool fits(std::string_view pattern, std::string_view path,
          std::map<std::string, std::string>& labels)
{
    labels.clear();
    const auto greedy = pattern.ends_with("+}");
    if (!greedy && path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    while (!pattern.empty()) {
        if (pattern.front() != '{') {
            if (path.empty() || path.front() != pattern.front())
                return false;
            pattern.remove_prefix(1);
            path.remove_prefix(1);
            continue;
        }
        const auto close = pattern.find('}');
        auto name = pattern.substr(1, close - 1);
        pattern.remove_prefix(close + 1);
        auto end = path.find('/');
        if (name.ends_with('+')) {
            name.remove_suffix(1);
            end = path.size();
        }
        const auto value = path.substr(0, end);
        if (value.empty())
            return false;
        labels[std::string(name)] = percent_decode(value);
        path.remove_prefix(value.size());
    }
    return path.empty();
}

bool has_parameters(std::string_view wanted, const Fields& query)
{
    if (wanted.empty())
        return true;
    return std::ranges::all_of(split(wanted, '&'), [&](std::string_view one) {
        const auto equals = one.find('=');
        const auto name = one.substr(0, equals);
        return std::ranges::any_of(query, [&](const auto& field) {
            return field.first == name &&
                   (equals == std::string_view::npos || field.second == one.substr(equals + 1));
        });
    });
}

const Operation* match_rest(const Service& service, Call& call)
{
    for (const auto& operation : service.operations) {
        if (operation.method != call.request.method ||
            (!operation.header.empty() && !call.request.headers.contains(operation.header)))
            continue;
        const auto mark = operation.path.find('?');
        if (fits(operation.path.substr(0, mark), call.request.path(), call.labels) &&
            has_parameters(mark == std::string_view::npos ? std::string_view{}
                                                          : operation.path.substr(mark + 1),
                           call.query))
            return &operation;
    }
    return nullptr;
}

const Operation* match_name(const Service& service, std::string_view name)
{
    const auto found = std::ranges::find(service.operations, name, &Operation::name);
    return found == service.operations.end() ? nullptr : &*found;
}

json::object parse_input(const std::string& body)
{
    if (trim(body).empty())
        return {};
    try {
        auto value = parse_json(body, "the request");
        if (value.is_object())
            return std::move(value.get_object());
    } catch (const Error& error) {
        throw ServiceError(400, "SerializationException", error.what());
    }
    throw ServiceError(400, "SerializationException", "The request's body is not a JSON object.");
}

/// For services of AWS's, whose operations are listed.
std::string where_operations_are(const Service& service)
{
    if (service.inputs.empty())
        return {};
    const auto name = service.signing_name == "apigateway" ? "apigatewayv2" : service.signing_name;
    return " 'nimbus local operations " + name + "' lists those that it has.";
}

const Operation& find_operation(const Service& service, Call& call)
{
    if (service.protocol == Protocol::query) {
        call.form = http::parse_query(call.request.body);
        call.form.insert(call.form.end(), call.query.begin(), call.query.end());
        std::string action;
        for (const auto& [name, value] : call.form)
            if (name == "Action")
                action = value;
        if (const auto* operation = match_name(service, action))
            return *operation;
        throw ServiceError(400, "InvalidAction",
                           action.empty() ? "Missing Action"
                                          : "Could not find operation " + action +
                                                ": the local cloud does not have it." +
                                                where_operations_are(service));
    }
    if (service.protocol == Protocol::json_1_1) {
        auto target = call.request.headers.get("x-amz-target");
        const auto* operation = target.starts_with(service.api + ".")
                                    ? match_name(service, target.substr(service.api.size() + 1))
                                    : nullptr;
        if (operation == nullptr)
            throw ServiceError(400, "UnknownOperationException",
                               "The local cloud does not have the operation " +
                                   std::string(target) + "." + where_operations_are(service));
        call.input = parse_input(call.request.body);
        return *operation;
    }
    const auto* operation = match_rest(service, call);
    if (operation == nullptr)
        throw service.protocol == Protocol::rest_xml
            ? ServiceError(501, "NotImplemented",
                           "A header or query you provided implies functionality that is not "
                           "implemented: " +
                               call.request.method + " " + call.request.target)
            : ServiceError(404, "UnknownOperationException",
                           "The local cloud does not have the operation " + call.request.method +
                               " " + std::string(call.request.path()) + "." +
                               where_operations_are(service));
    if (service.protocol == Protocol::rest_json && operation->body == Body::document)
        call.input = parse_input(call.request.body);
    return *operation;
}

/// What is stored and given back as JSON or XML has to be text. The input of JSON protocols is
/// checked by its parser.
void require_text(Protocol protocol, const Call& call)
{
    const auto check = [&](std::string_view what, std::string_view name, std::string_view value) {
        if (is_utf8(value) && value.find('\0') == std::string_view::npos)
            return;
        const auto code = protocol == Protocol::rest_xml ? "InvalidArgument"
                          : protocol == Protocol::query  ? "ValidationError"
                                                         : "SerializationException";
        throw ServiceError(
            400, code, "The " + std::string(what) + " " + to_utf8(name) + " is not text in UTF-8.");
    };
    for (const auto& [name, value] : call.labels)
        check("value of", name, value);
    // A form has the query's parameters, too.
    for (const auto& [name, value] : protocol == Protocol::query ? call.form : call.query) {
        check("name of the parameter", name, name);
        check("value of", name, value);
    }
    for (const auto& [name, value] : call.request.headers)
        check("header", name, value);
}

} // namespace

std::optional<std::string> Call::parameter(std::string_view name) const
{
    for (const auto& [key, value] : query)
        if (key == name)
            return value;
    return std::nullopt;
}

const std::string& Call::label(const std::string& name) const
{
    return labels.at(name);
}

bool has_tags(const Call& call)
{
    for (const auto* member : {"tags", "Tags"})
        if (const auto* value = call.input.if_contains(member))
            return (value->is_object() && !value->get_object().empty()) ||
                   (value->is_array() && !value->get_array().empty());
    return std::ranges::any_of(
        call.form, [](const auto& field) { return field.first.starts_with("Tags.member.1."); });
}

std::string arn_in(const Call& call, std::string service, std::string resource)
{
    return Arn{.service = std::move(service),
               .region = call.region,
               .account = call.account_id,
               .resource = std::move(resource)}
        .to_string();
}

namespace {

/// The tags that a request gives, and the keys alone of those that it takes away.
class RequestTags {
public:
    explicit RequestTags(const Call& call)
    {
        for (const auto* member : {"tags", "Tags", "tagKeys", "TagKeys"})
            if (const auto* value = call.input.if_contains(member))
                take(*value);
        for (const auto& [name, value] : call.query)
            if (iequals(name, "tagKeys"))
                keys_.push_back(value);
        for (const auto& [name, value] : call.form)
            take(call.form, name, value);
    }

    void add_to(ConditionContext& context) const
    {
        for (const auto& [key, value] : values_)
            context["aws:RequestTag/" + key] = value;
        if (!keys_.empty())
            context["aws:TagKeys"] = join(keys_, "\n");
    }

private:
    void take(const json::value& tags)
    {
        if (const auto* map = tags.if_object())
            for (const auto& [key, value] : *map)
                take(key, value);
        if (const auto* list = tags.if_array())
            for (const auto& one : *list) {
                if (const auto* key = one.if_string())
                    keys_.emplace_back(*key);
                if (const auto* tag = one.if_object(); tag != nullptr && tag->contains("Key"))
                    take(string_or_empty(*tag, "Key"), json::value(string_or_empty(*tag, "Value")));
            }
    }

    void take(std::string_view key, const json::value& value)
    {
        keys_.emplace_back(key);
        if (const auto* text = value.if_string())
            values_[std::string(key)] = *text;
    }

    /// Tags.member.N.Key, with Tags.member.N.Value beside it; TagKeys.member.N.
    void take(const Fields& form, std::string_view name, const std::string& value)
    {
        constexpr std::string_view key_suffix = ".Key";
        if (name.starts_with("TagKeys.member."))
            keys_.push_back(value);
        if (!name.starts_with("Tags.member.") || !name.ends_with(key_suffix))
            return;
        name.remove_suffix(key_suffix.size());
        const auto twin =
            std::ranges::find(form, std::string(name) + ".Value", &Fields::value_type::first);
        take(value, json::value(twin == form.end() ? std::string() : twin->second));
    }

    std::vector<std::string> keys_;
    std::map<std::string, std::string> values_;
};

} // namespace

ConditionContext condition_context(const Call& call)
{
    ConditionContext context{
        {"aws:SourceIp", call.request.peer_address},
        {"aws:RequestedRegion", call.region},
        {"aws:UserAgent", std::string(call.request.headers.get("user-agent"))}};
    RequestTags(call).add_to(context);
    return context;
}

void Service::add(std::vector<Operation> more)
{
    std::ranges::move(more, std::back_inserter(operations));
}

const Operation& Service::match(Call& call) const
{
    const auto& operation = find_operation(*this, call);
    require_text(protocol, call);
    refuse_unknown_input(*this, operation, call);
    return operation;
}

void Service::run(const Operation& operation, Call& call, http::Responder respond) const
{
    const auto send = std::make_shared<http::Responder>(std::move(respond));
    const auto resource = std::string(call.request.path());
    const auto id = call.request_id;
    const auto refuse = [&](const ServiceError& error) {
        log_refusal(call, operation.name, error);
        return error_response(error, id, resource);
    };
    http::Response response;
    try {
        if (const auto* later = std::get_if<LaterAnswer>(&operation.answer)) {
            (*later)(call, [kind = protocol, id, send](http::Response late) {
                add_request_id(late, kind, id);
                (*send)(std::move(late));
            });
            return;
        }
        response = std::get<Answer>(operation.answer)(call);
        add_request_id(response, protocol, id);
    } catch (const ServiceError& error) {
        response = refuse(error);
    } catch (const Error& error) {
        response = refuse({500, "InternalFailure", sentences_of(error)});
    } catch (const std::exception& error) {
        response = refuse({500, "InternalFailure", error.what()});
    }
    (*send)(std::move(response));
}

void Service::handle(Call call, http::Responder respond) const
{
    const Operation* operation = nullptr;
    try {
        operation = &match(call);
    } catch (const ServiceError& error) {
        respond(error_response(error, call.request_id, std::string(call.request.path())));
        return;
    }
    run(*operation, call, std::move(respond));
}

http::Response Service::error_response(const ServiceError& error, const std::string& request_id,
                                       const std::string& resource) const
{
    http::Response response;
    switch (protocol) {
    case Protocol::query:
        response = query_error(error, api, request_id);
        break;
    case Protocol::rest_xml:
        response = s3_error(error, resource, request_id);
        break;
    case Protocol::rest_json:
    case Protocol::json_1_1:
        response = json_error(error, protocol);
        break;
    }
    add_request_id(response, protocol, request_id);
    return response;
}

void Service::log_refusal(const Call& call, std::string_view operation,
                          const ServiceError& error) const
{
    const bool is_failure = error.status >= 500;
    // Who may not do what to what: names, and nothing that was sent.
    const bool is_denial = error.code.starts_with("AccessDenied");
    const auto level = is_failure  ? LogLevel::warning
                       : is_denial ? LogLevel::info
                                   : LogLevel::debug;
    call.log.write(level,
                   is_failure ? "A call of a service failed" : "A call of a service was refused",
                   {{"service", signing_name},
                    {"operation", operation},
                    {"status", error.status},
                    {"code", error.code},
                    {"reason", is_failure || is_denial ? error.what() : ""}});
}

void add_request_id(http::Response& response, Protocol protocol, const std::string& request_id)
{
    if (protocol == Protocol::rest_xml) {
        response.headers.set("x-amz-request-id", request_id);
        response.headers.set("x-amz-id-2", base64_encode(request_id));
    } else {
        response.headers.set("x-amzn-RequestId", request_id);
    }
}

} // namespace nimbus::local

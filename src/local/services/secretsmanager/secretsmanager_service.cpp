#include "local/services/secretsmanager/secretsmanager_service.h"

#include "base/number.h"

#include <algorithm>

namespace nimbus::local {
namespace secretsmanager_api {
namespace {

constexpr std::string_view validation = "ValidationException";
constexpr std::size_t most_tags = 50;

/// AWS names members in its complaints as they are in its code.
std::string camel_case(std::string_view member)
{
    std::string name(member);
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
    return name;
}

std::pair<std::string, std::string> checked_tag(const json::value& item)
{
    const auto* object = item.if_object();
    const auto key = object == nullptr ? std::nullopt : string_member(*object, "Key");
    if (!key)
        throw ServiceError(400, std::string(validation), "Each of Tags needs a Key.");
    auto value = string_or_empty(*object, "Value");
    if (key->empty() || key->size() > 128 || value.size() > 256)
        throw ServiceError(400, std::string(validation),
                           "Tag keys have 1 to 128 characters and values at most 256.");
    if (key->starts_with("aws:"))
        throw secrets_error("InvalidParameterException",
                            "Tag keys that start with aws: are reserved for AWS.");
    return {*key, std::move(value)};
}

/// What conditions may test of the request. Source: Service Authorization Reference, "Actions,
/// resources, and condition keys for AWS Secrets Manager".
ConditionContext request_context(const Call& call)
{
    ConditionContext context;
    for (const auto* member :
         {"Name", "SecretId", "Description", "KmsKeyId", "VersionId", "VersionStage"})
        if (auto value = string_member(call.input, member))
            context[std::string("secretsmanager:") + member] = std::move(*value);
    if (const auto days = integer_member(call.input, "RecoveryWindowInDays"))
        context["secretsmanager:RecoveryWindowInDays"] = std::to_string(*days);
    if (const auto force = bool_member(call.input, "ForceDeleteWithoutRecovery"))
        context["secretsmanager:ForceDeleteWithoutRecovery"] = *force ? "true" : "false";
    return context;
}

} // namespace

Operation on_secret(SecretStore& store, std::string_view name, std::string_view action,
                    Answer answer)
{
    const auto id_of = [](const Call& call) { return string_or_empty(call.input, "SecretId"); };
    return {.name = name,
            .action = action,
            .resource =
                [&store, id_of](const Call& call) {
                    return secret_resource(store, call.region, id_of(call));
                },
            .context =
                [&store, id_of](const Call& call) {
                    auto context = request_context(call);
                    if (const auto secret = store.find(call.region, id_of(call)))
                        context.merge(secret_context(*secret));
                    return context;
                },
            .answer = std::move(answer)};
}

Operation on_all(std::string_view name, std::string_view action, Answer answer)
{
    return {
        .name = name, .action = action, .context = request_context, .answer = std::move(answer)};
}

void need_permission(AccessControl& access, const Call& call, const std::string& action,
                     const std::string& resource, const ConditionContext& context)
{
    auto all = condition_context(call);
    all.merge(request_context(call));
    all.insert(context.begin(), context.end());
    const auto decision = access.authorize(call.caller, action, resource, all);
    if (!decision.allowed)
        throw secrets_error("AccessDeniedException", decision.explanation);
}

std::string secret_resource(SecretStore& store, const std::string& region, const std::string& id)
{
    if (const auto secret = store.find(region, id))
        return secret->arn;
    return id.starts_with("arn:") ? id : store.arn(region, id);
}

ConditionContext secret_context(const Secret& secret)
{
    ConditionContext context;
    for (const auto& [key, value] : secret.tags)
        for (const auto* prefix : {"aws:ResourceTag/", "secretsmanager:ResourceTag/"})
            context[prefix + key] = value;
    return context;
}

Input input_of(const Call& call)
{
    return {call.input, validation};
}

std::optional<std::string> text_of(const Input& input, std::string_view member, std::size_t least,
                                   std::size_t most)
{
    auto text = input.text(member);
    if (!text || (text->size() >= least && text->size() <= most))
        return text;
    input.refuse("1 validation error detected: Value at '" + camel_case(member) +
                 "' failed to satisfy constraint: Member must have length " +
                 (text->size() < least ? "greater than or equal to " + std::to_string(least)
                                       : "less than or equal to " + std::to_string(most)));
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("/_+=.@-!").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

void throw_bad_name()
{
    throw ServiceError(400, std::string(validation),
                       "Invalid name. Must be a valid name containing alphanumeric characters, or "
                       "any of the following: -/_+=.@!");
}

std::string secret_id(const Call& call)
{
    const auto input = input_of(call);
    if (!input.has("SecretId"))
        input.refuse("1 validation error detected: Value null at 'secretId' failed to satisfy "
                     "constraint: Member must not be null");
    auto id = *text_of(input, "SecretId", 1, 2048);
    if (!id.starts_with("arn:") && !is_name(id))
        throw_bad_name();
    return id;
}

Secret need_secret(SecretStore& store, const Call& call)
{
    auto secret = store.find(call.region, secret_id(call));
    if (!secret)
        throw secrets_error("ResourceNotFoundException",
                            "Secrets Manager can't find the specified secret.");
    return std::move(*secret);
}

void require_live(const Secret& secret)
{
    if (secret.deletion_date)
        throw secrets_error("InvalidRequestException",
                            "You can't perform this operation on the secret because it was marked "
                            "for deletion.");
}

Secret need_live_secret(SecretStore& store, const Call& call)
{
    auto secret = need_secret(store, call);
    require_live(secret);
    return secret;
}

std::map<std::string, std::string> tags_of(const Call& call)
{
    std::map<std::string, std::string> tags;
    if (const auto* list = input_of(call).array("Tags"))
        for (const auto& item : *list) {
            auto tag = checked_tag(item);
            if (tags.contains(tag.first))
                throw secrets_error("InvalidParameterException",
                                    "The tag key " + tag.first + " is there twice.");
            tags.insert(std::move(tag));
        }
    return tags;
}

json::array tags_to_json(const std::map<std::string, std::string>& tags)
{
    json::array list;
    for (const auto& [key, value] : tags)
        list.push_back(json::object{{"Key", key}, {"Value", value}});
    return list;
}

void check_tag_count(const std::map<std::string, std::string>& tags)
{
    if (tags.size() > most_tags)
        throw secrets_error("InvalidParameterException",
                            "A secret has at most " + std::to_string(most_tags) + " tags.");
}

json::object identity(const Secret& secret)
{
    return {{"ARN", secret.arn}, {"Name", secret.name}};
}

json::object versions_to_stages(const Secret& secret)
{
    json::object result;
    for (const auto& version : secret.versions)
        if (!version.stages.empty())
            result[version.id] = json::array(version.stages.begin(), version.stages.end());
    return result;
}

std::string request_token(const Call& call)
{
    auto token = input_of(call).text("ClientRequestToken");
    if (!token)
        throw secrets_error("InvalidRequestException",
                            "You must provide a ClientRequestToken value. We recommend a UUID-type "
                            "value.");
    if (token->size() < 32 || token->size() > 64)
        throw secrets_error("InvalidParameterException",
                            "ClientRequestToken must be 32-64 characters long.");
    return std::move(*token);
}

void Page::add_token(json::object& body) const
{
    if (!next_token.empty())
        body["NextToken"] = next_token;
}

Page page_of(const Call& call, std::size_t count, std::int64_t most)
{
    const auto input = input_of(call);
    const auto size = static_cast<std::size_t>(input.integer("MaxResults", 1, most).value_or(most));
    Page page;
    if (const auto token = input.text("NextToken")) {
        const auto first = parse_number<std::size_t>(*token);
        if (!first)
            throw secrets_error("InvalidNextTokenException", "The NextToken value is invalid.");
        page.first = *first;
    }
    page.first = std::min(page.first, count);
    page.last = std::min(count, page.first + size);
    if (page.last < count)
        page.next_token = std::to_string(page.last);
    return page;
}

} // namespace secretsmanager_api

Service make_secretsmanager_service(SecretStore& store, AccessControl& access)
{
    Service service{.signing_name = "secretsmanager",
                    .protocol = Protocol::json_1_1,
                    .api = "secretsmanager",
                    .inputs = secretsmanager_inputs(),
                    .input_error = "InvalidParameterException"};
    service.add(secretsmanager_secret_operations(store, access));
    service.add(secretsmanager_value_operations(store, access));
    service.add(secretsmanager_version_operations(store));
    service.add(secretsmanager_list_operations(store));
    service.add(secretsmanager_tag_operations(store));
    service.add(secretsmanager_password_operations());
    service.add(secretsmanager_missing_operations(store));
    service.claims = [](const http::Request& request) {
        return request.headers.get("x-amz-target").starts_with("secretsmanager.");
    };
    return service;
}

} // namespace nimbus::local

#include "base/arn.h"
#include "local/services/answers.h"
#include "local/services/apigateway/apigateway_service.h"
#include "local/services/inputs.h"

#include <array>

namespace nimbus::local {
namespace {

using namespace apigateway_api;

constexpr std::string_view bad_request = "BadRequestException";

constexpr std::array<std::string_view, 5> settings{
    "name", "description", "version", "corsConfiguration", "disableExecuteApiEndpoint"};

void check_settings(const json::object& object)
{
    const Input input(object, bad_request);
    if (const auto name = input.text("name"); name && (name->empty() || name->size() > 128))
        throw_bad_request("Invalid name: it has 1 to 128 characters");
    for (const auto* text : {"description", "version"})
        static_cast<void>(input.text(text));
    static_cast<void>(input.boolean("disableExecuteApiEndpoint"));
    if (input.text("ipAddressType").value_or("ipv4") != "ipv4")
        throw_bad_request("The local cloud's APIs have IPv4 addresses only: ipAddressType must be "
                          "ipv4");
    if (const auto* cors = input.object("corsConfiguration")) {
        const Input members(*cors, bad_request);
        static_cast<void>(members.boolean("allowCredentials"));
        static_cast<void>(members.integer("maxAge", -1, 86'400));
        for (const auto* list : {"allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders"})
            static_cast<void>(members.array(list));
    }
    for (const auto* quick : {"target", "routeKey", "credentialsArn"})
        if (input.has(quick))
            throw_bad_request(std::string("The local cloud has no quick create: leave out ") +
                              quick + " and create integration, route and stage.");
}

http::Response create_api(ApiStore& store, Call& call)
{
    const Input input(call.input, bad_request);
    check_settings(call.input);
    const auto name = input.required_text("name");
    if (input.required_text("protocolType") != "HTTP")
        throw_bad_request("The local cloud has HTTP APIs only: protocolType must be HTTP");
    json::object api{{"name", name},
                     {"protocolType", "HTTP"},
                     {"routeSelectionExpression", "$request.method $request.path"},
                     {"apiKeySelectionExpression", "$request.header.x-api-key"},
                     {"disableExecuteApiEndpoint", false},
                     {"ipAddressType", "ipv4"},
                     {"tags", checked_tags(call.input)}};
    take(call.input, api, settings);
    return json_answer(store.create(call.region, std::move(api)), 201);
}

http::Response get_api(ApiStore& store, Call& call)
{
    return json_answer(store.need(call).at("api").as_object());
}

http::Response get_apis(ApiStore& store, Call& call)
{
    return page(call, store.list(call.region));
}

http::Response update_api(ApiStore& store, Call& call)
{
    check_settings(call.input);
    json::object answer;
    store.change(call, [&](json::object& document) {
        auto& api = document.at("api").as_object();
        take(call.input, api, settings);
        answer = api;
    });
    return json_answer(answer);
}

http::Response delete_api(ApiStore& store, Call& call)
{
    store.erase(call);
    return no_content();
}

http::Response delete_cors(ApiStore& store, Call& call)
{
    store.change(call, [](json::object& document) {
        document.at("api").as_object().erase("corsConfiguration");
    });
    return no_content();
}

// --- tags: arn:aws:apigateway:<region>::/apis/<id>[/stages/<name>] -----------------------------

/// Points the call at the API that the ARN names; returns the stage's name or "".
std::string enter_tagged(Call& call)
{
    const auto& arn = call.label("ResourceArn");
    const auto prefix =
        Arn{.service = "apigateway", .region = call.region, .resource = "/apis/"}.to_string();
    if (!arn.starts_with(prefix))
        throw_bad_request("Invalid resource ARN: " + arn);
    auto rest = arn.substr(prefix.size());
    const auto slash = rest.find('/');
    call.labels["apiId"] = rest.substr(0, slash);
    if (slash == std::string::npos)
        return {};
    rest.erase(0, slash);
    if (!rest.starts_with("/stages/"))
        throw_bad_request("Invalid resource ARN: " + arn);
    return rest.substr(8);
}

json::object& tagged(json::object& document, const std::string& stage)
{
    return stage.empty() ? document.at("api").as_object() : need_part(document, "stages", stage);
}

json::object& tags_of(json::object& resource)
{
    auto& tags = resource["tags"];
    if (!tags.is_object())
        tags = json::object{};
    return tags.get_object();
}

http::Response get_tags(ApiStore& store, Call& call)
{
    const auto stage = enter_tagged(call);
    auto document = store.need(call);
    return json_answer({{"tags", tags_of(tagged(document, stage))}});
}

http::Response tag_resource(ApiStore& store, Call& call)
{
    const auto stage = enter_tagged(call);
    const auto added = checked_tags(call.input);
    store.change(call, [&](json::object& document) {
        auto& tags = tags_of(tagged(document, stage));
        for (const auto& [key, value] : added)
            tags[key] = value;
        if (tags.size() > 50)
            throw_bad_request("A resource has at most 50 tags");
    });
    return json_answer({}, 201);
}

http::Response untag_resource(ApiStore& store, Call& call)
{
    const auto stage = enter_tagged(call);
    store.change(call, [&](json::object& document) {
        auto& tags = tags_of(tagged(document, stage));
        for (const auto& [name, value] : call.query)
            if (name == "tagKeys")
                tags.erase(value);
    });
    return no_content();
}

} // namespace

std::vector<Operation> apigateway_api_operations(ApiStore& store)
{
    constexpr std::string_view api = "/v2/apis/{apiId}";
    constexpr std::string_view tags = "/v2/tags/{ResourceArn+}";
    return {
        entry(store, "CreateApi", "POST", "/v2/apis", create_api),
        entry(store, "GetApis", "GET", "/v2/apis", get_apis),
        entry(store, "GetApi", "GET", api, get_api),
        entry(store, "UpdateApi", "PATCH", api, update_api),
        entry(store, "DeleteApi", "DELETE", api, delete_api),
        entry(store, "DeleteCorsConfiguration", "DELETE", "/v2/apis/{apiId}/cors", delete_cors),
        entry(store, "GetTags", "GET", tags, get_tags),
        entry(store, "TagResource", "POST", tags, tag_resource),
        entry(store, "UntagResource", "DELETE", tags, untag_resource),
    };
}

} // namespace nimbus::local

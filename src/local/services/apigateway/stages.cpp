#include "local/services/answers.h"
#include "local/services/apigateway/apigateway_service.h"
#include "local/services/inputs.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

using namespace apigateway_api;

constexpr std::string_view bad_request = "BadRequestException";

bool is_stage_name(std::string_view name)
{
    return name == "$default" ||
           (!name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](unsigned char c) {
               return std::isalnum(c) || c == '-' || c == '_';
           }));
}

void check_stage(const json::object& stage, json::object& document)
{
    const Input input(stage, bad_request);
    static_cast<void>(input.boolean("autoDeploy"));
    constexpr std::array<std::string_view, 2> limits{"throttlingBurstLimit", "throttlingRateLimit"};
    if (const auto* settings = input.object("defaultRouteSettings"))
        refuse_given(*settings, "stages", limits);
    if (const auto* routes = input.object("routeSettings"))
        for (const auto& [route, settings] : *routes)
            if (const auto* object = settings.if_object())
                refuse_given(*object, "stages", limits);
    if (const auto deployment = input.text("deploymentId"))
        need_part(document, "deployments", *deployment);
}

constexpr std::array<std::string_view, 6> stage_members{
    "autoDeploy",    "deploymentId",      "description",
    "routeSettings", "accessLogSettings", "defaultRouteSettings"};
constexpr std::array<std::string_view, 1> refused_of_stages{"stageVariables"};

json::object make_deployment(ApiStore& store, const json::object& input, bool automatic)
{
    json::object deployment{{"deploymentId", new_id(6)},
                            {"deploymentStatus", "DEPLOYED"},
                            {"autoDeployed", automatic},
                            {"createdDate", format_iso8601_seconds(store.now())}};
    take(input, deployment, std::array<std::string_view, 1>{"description"});
    return deployment;
}

void add_deployment(json::object& document, const json::object& deployment)
{
    document.at("deployments").as_object()[deployment.at("deploymentId").as_string()] = deployment;
}

http::Response create_stage(ApiStore& store, Call& call)
{
    const auto name = Input(call.input, bad_request).required_text("stageName");
    if (!is_stage_name(name))
        throw_bad_request("Stage name only allows a-zA-Z0-9_- characters and $default, at most "
                          "128");
    const auto now = format_iso8601_seconds(store.now());
    json::object stage{{"stageName", name},
                       {"autoDeploy", false},
                       {"createdDate", now},
                       {"lastUpdatedDate", now},
                       {"defaultRouteSettings", json::object{{"detailedMetricsEnabled", false}}},
                       {"routeSettings", json::object{}},
                       {"stageVariables", json::object{}},
                       {"tags", checked_tags(call.input)}};
    refuse_given(call.input, "stages", refused_of_stages);
    take(call.input, stage, stage_members);
    store.change(call, [&](json::object& document) {
        auto& stages = document.at("stages").as_object();
        if (stages.contains(name))
            throw_conflict("Stage already exists");
        check_stage(stage, document);
        if (bool_member(stage, "autoDeploy").value_or(false)) {
            const auto deployment = make_deployment(store, {}, true);
            add_deployment(document, deployment);
            stage["deploymentId"] = deployment.at("deploymentId");
        }
        stages[name] = stage;
    });
    return json_answer(stage, 201);
}

http::Response update_stage(ApiStore& store, Call& call)
{
    refuse_given(call.input, "stages", refused_of_stages);
    json::object answer;
    store.change(call, [&](json::object& document) {
        auto& stage = need_part(document, "stages", call.label("stageName"));
        take(call.input, stage, stage_members);
        check_stage(stage, document);
        stage["lastUpdatedDate"] = format_iso8601_seconds(store.now());
        answer = stage;
    });
    return json_answer(answer);
}

http::Response get_stage(ApiStore& store, Call& call)
{
    auto document = store.need(call);
    return json_answer(need_part(document, "stages", call.label("stageName")));
}

http::Response get_stages(ApiStore& store, Call& call)
{
    return page(call, values(store.need(call).at("stages").as_object()));
}

http::Response delete_stage(ApiStore& store, Call& call)
{
    store.change(call, [&](json::object& document) {
        need_part(document, "stages", call.label("stageName"));
        document.at("stages").as_object().erase(call.label("stageName"));
    });
    return no_content();
}

// --- deployments: the local cloud serves the present routes from every deployed stage ----------

http::Response create_deployment(ApiStore& store, Call& call)
{
    const auto deployment = make_deployment(store, call.input, false);
    store.change(call, [&](json::object& document) {
        add_deployment(document, deployment);
        if (const auto name = Input(call.input, bad_request).text("stageName"))
            need_part(document, "stages", *name)["deploymentId"] = deployment.at("deploymentId");
    });
    return json_answer(deployment, 201);
}

http::Response get_deployment(ApiStore& store, Call& call)
{
    auto document = store.need(call);
    return json_answer(need_part(document, "deployments", call.label("deploymentId")));
}

http::Response get_deployments(ApiStore& store, Call& call)
{
    return page(call, values(store.need(call).at("deployments").as_object()));
}

http::Response delete_deployment(ApiStore& store, Call& call)
{
    store.change(call, [&](json::object& document) {
        const auto& id = call.label("deploymentId");
        need_part(document, "deployments", id);
        for (const auto& [name, stage] : document.at("stages").as_object())
            if (string_or_empty(stage.as_object(), "deploymentId") == id)
                throw_bad_request("Active stages pointing to this deployment must be moved or "
                                  "deleted");
        document.at("deployments").as_object().erase(id);
    });
    return no_content();
}

} // namespace

std::vector<Operation> apigateway_stage_operations(ApiStore& store)
{
    constexpr std::string_view stages = "/v2/apis/{apiId}/stages";
    constexpr std::string_view stage = "/v2/apis/{apiId}/stages/{stageName}";
    constexpr std::string_view deployments = "/v2/apis/{apiId}/deployments";
    constexpr std::string_view deployment = "/v2/apis/{apiId}/deployments/{deploymentId}";
    return {
        entry(store, "CreateStage", "POST", stages, create_stage),
        entry(store, "GetStages", "GET", stages, get_stages),
        entry(store, "GetStage", "GET", stage, get_stage),
        entry(store, "UpdateStage", "PATCH", stage, update_stage),
        entry(store, "DeleteStage", "DELETE", stage, delete_stage),
        entry(store, "CreateDeployment", "POST", deployments, create_deployment),
        entry(store, "GetDeployments", "GET", deployments, get_deployments),
        entry(store, "GetDeployment", "GET", deployment, get_deployment),
        entry(store, "DeleteDeployment", "DELETE", deployment, delete_deployment),
    };
}

} // namespace nimbus::local

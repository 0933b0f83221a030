#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "aws/ops/dsql/clusters.h"
#include "aws/ops/iam/role_policies.h"
#include "aws/ops/iam/roles.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/permissions.h"
#include "aws/ops/logs/log_groups.h"
#include "aws/ops/s3/objects.h"
#include "deploy/kinds/api/output.h"
#include "deploy/lock_object.h"
#include "deploy/plan.h"
#include "deploy/test_cloud.h"
#include "deploy/test_kill.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_cloud::CloudProcess;
using testing_cloud::Person;
using testing_kill::End;
using testing_kill::is_killed;
using testing_kill::most_steps;
using testing_kill::StoppedProcess;

/// One line for each thing in the cloud, without the identifiers that differ from one deploy to
/// the next.
std::vector<std::string> inventory(const Person& person)
{
    const auto& client = person.client();
    std::vector<std::string> lines;
    for (const auto& role : client.call(aws::iam::ListRoles{}).roles)
        for (const auto& policy :
             client.call(aws::iam::ListRolePolicies{.role_name = role.role_name}).policy_names)
            lines.push_back("role " + role.role_name + " with " + policy);
    for (const auto& function : client.call(aws::lambda::ListFunctions{}).functions)
        lines.push_back("function " + function.function_name + " " +
                        std::to_string(function.memory_megabytes));
    namespace gateway = aws::apigatewayv2;
    for (const auto& api : client.call(gateway::GetApis{}).items) {
        lines.push_back("api " + api.name);
        for (const auto& route : client.call(gateway::GetRoutes{.api_id = api.api_id}).items)
            lines.push_back("route " + route.route_key);
        for (const auto& one : client.call(gateway::GetIntegrations{.api_id = api.api_id}).items)
            lines.push_back("integration of " + one.description);
        for (const auto& stage : client.call(gateway::GetStages{.api_id = api.api_id}).items)
            lines.push_back("stage " + stage.stage_name);
    }
    for (const auto& group : client.call(aws::logs::DescribeLogGroups{}).log_groups)
        lines.push_back("log group " + group.log_group_name + " for " +
                        std::to_string(group.retention_days.value_or(0)) + " days");
    for (const auto& object : client.call(aws::s3::ListObjectsV2{.bucket = "nimbus-state"}).objects)
        lines.push_back("object " + object.key);
    std::ranges::sort(lines);
    return lines;
}

std::vector<api::ApiOutput> apis(const DeployResult& result)
{
    return result.outputs.of<api::ApiOutput>(api::kind_name);
}

const auto one_route = [] { return Person::application({"GET /ping"}); };

TEST(Deploy, MakesWhatThePlanSaysAndTellsWhereItIs)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto plan = person.plan(one_route());
    EXPECT_EQ(person.changes(), 0);

    const auto result = person.deploy(one_route());
    EXPECT_EQ(result.changes.created, static_cast<int>(plan.steps.size()));
    EXPECT_THAT(inventory(person),
                ElementsAre("api testbed-dev-web", "function testbed-dev-GET--ping 256",
                            "integration of web GET--ping",
                            "log group /aws/lambda/testbed-dev-GET--ping for 30 days",
                            "object nimbus/testbed/dev/us-east-1/code/" +
                                person.artifacts().at("x86_64").sha256 + ".zip",
                            "object nimbus/testbed/dev/us-east-1/state.json",
                            "role testbed-dev-functions-us-east-1 with nimbus", "route GET /ping",
                            "stage dev"));

    ASSERT_EQ(apis(result).size(), 1u);
    EXPECT_THAT(apis(result)[0].url, HasSubstr("/dev"));
    EXPECT_EQ(outputs(all_kinds(), person.target(), person.id), result.outputs);
    EXPECT_THAT(list_deployments(person.target()), ElementsAre(person.id));
    const auto now = deployment_status(all_kinds(), person.target(), person.id);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->outputs, result.outputs);
    EXPECT_TRUE(now->extras.empty());
    for (const auto& status : now->resources)
        EXPECT_EQ(status.state, "active") << status.resource;
}

TEST(Deploy, AgainCallsNothingThatChanges)
{
    const CloudProcess cloud;
    Person(cloud).deploy(one_route());
    Person person(cloud);
    const auto again = person.deploy(one_route());
    EXPECT_EQ(person.changes(), 0);
    EXPECT_EQ(again.changes.created + again.changes.updated + again.changes.deleted, 0);
    EXPECT_GT(again.changes.unchanged, 0);
}

TEST(Deploy, FollowsTheProgram)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto first = person.deploy(Person::application({"GET /a", "GET /b"}));
    const auto second = person.deploy(Person::application({"GET /b", "GET /c"}, 512));
    EXPECT_EQ(apis(second)[0].url, apis(first)[0].url);
    const CloudProcess other_cloud;
    Person other(other_cloud);
    other.deploy(Person::application({"GET /b", "GET /c"}, 512));
    auto wanted = inventory(other);
    wanted.emplace_back("log group /aws/lambda/testbed-dev-GET--a for 30 days"); // until destroy
    std::ranges::sort(wanted);
    EXPECT_EQ(inventory(person), wanted);
}

TEST(Deploy, MovesAFunctionToAnotherArchitecture)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto manifest = one_route();
    person.deploy(manifest);
    manifest.functions.front().architecture = "arm64";
    const auto plan = person.plan(manifest);
    const auto step = std::ranges::find(plan.steps, "function", &PlannedStep::type);
    ASSERT_NE(step, plan.steps.end());
    EXPECT_EQ(step->action, Action::update);
    EXPECT_THAT(step->reasons, ElementsAre("architecture: x86_64 -> arm64"));

    person.deploy(manifest);
    const auto function =
        person.client().call(aws::lambda::GetFunction{.function_name = "testbed-dev-GET--ping"});
    EXPECT_EQ(function.configuration.architecture, "arm64");
    EXPECT_EQ(person.deploy(manifest).changes.updated, 0);

    // Somebody moves it back.
    person.client().call(
        aws::lambda::UpdateFunctionCode{.function_name = "testbed-dev-GET--ping",
                                        .code_bucket = "nimbus-state",
                                        .code_key = "nimbus/testbed/dev/us-east-1/code/" +
                                                    person.artifacts().at("arm64").sha256 + ".zip",
                                        .architecture = "x86_64"});
    EXPECT_EQ(person.deploy(manifest).changes.updated, 1);
}

TEST(Deploy, PutsRightWhatSomebodyChanged)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto api = apis(person.deploy(one_route()))[0].id;
    const auto before = inventory(person);
    const std::string function = "testbed-dev-GET--ping";
    const auto& client = person.client();
    client.call(aws::lambda::UpdateFunctionConfiguration{
        .function_name = function,
        .memory_megabytes = 1024,
        .environment = std::map<std::string, std::string>{{"LEFT_BEHIND", "1"}}});
    client.call(aws::iam::DeleteRolePolicy{.role_name = "testbed-dev-functions-us-east-1",
                                           .policy_name = "nimbus"});
    client.call(aws::apigatewayv2::DeleteStage{.api_id = api, .stage_name = "dev"});
    client.call(aws::apigatewayv2::UpdateApi{.api_id = api, .disable_execute_api_endpoint = true});

    std::vector<std::string> reasons;
    for (const auto& step : person.plan(one_route()).steps)
        reasons.insert(reasons.end(), step.reasons.begin(), step.reasons.end());
    EXPECT_THAT(reasons, testing::UnorderedElementsAre("memory: 1024 -> 256",
                                                       "environment LEFT_BEHIND: removed",
                                                       "policy: missing", "no longer exists",
                                                       "disableExecuteApiEndpoint: true -> false"));
    const auto result = person.deploy(one_route());
    EXPECT_EQ(result.changes.updated, 3);
    EXPECT_EQ(result.changes.created, 1);
    EXPECT_EQ(inventory(person), before);
}

TEST(Deploy, PutsARouteRightThatLeadsToAnothersFunction)
{
    namespace gateway = aws::apigatewayv2;
    const CloudProcess cloud;
    Person person(cloud);
    const auto two = Person::application({"GET /a", "GET /b"});
    const auto api = apis(person.deploy(two))[0].id;
    const auto& client = person.client();
    const auto targets = [&] {
        std::map<std::string, std::string> found;
        for (const auto& route : client.call(gateway::GetRoutes{.api_id = api}).items)
            found[route.route_key] = route.target;
        return found;
    };
    const auto before = targets();
    for (const auto& route : client.call(gateway::GetRoutes{.api_id = api}).items)
        if (route.route_key == "GET /b")
            client.call(gateway::UpdateRoute{
                .api_id = api, .route_id = route.route_id, .target = before.at("GET /a")});

    const auto result = person.deploy(two);
    EXPECT_EQ(result.changes.updated, 1);
    EXPECT_EQ(targets(), before);
    EXPECT_EQ(person.deploy(two).changes.updated, 0);
}

/// Versions before 0.2 made an integration for each route, described by its key, and recorded it
/// with the route.
void make_as_before_0_2(const Person& person, const std::string& api)
{
    namespace gateway = aws::apigatewayv2;
    const auto& client = person.client();
    const std::string key = "nimbus/testbed/dev/us-east-1/state.json";
    const auto object = client.call(aws::s3::GetObject{.bucket = "nimbus-state", .key = key});
    auto state = parse_json(object.body, key).as_object();
    auto& resources = state.at("resources").as_object();
    const auto shared = client.call(gateway::GetIntegrations{.api_id = api}).items;
    for (const auto& route : client.call(gateway::GetRoutes{.api_id = api}).items) {
        const auto own = client.call(
            gateway::CreateIntegration{.api_id = api,
                                       .integration_uri = shared.front().integration_uri,
                                       .description = route.route_key});
        client.call(gateway::UpdateRoute{.api_id = api,
                                         .route_id = route.route_id,
                                         .target = "integrations/" + own.integration_id});
        auto& outputs =
            resources.at("route web " + route.route_key).as_object().at("outputs").as_object();
        outputs.erase("target");
        outputs["integrationId"] = own.integration_id;
    }
    for (const auto& one : shared)
        client.call(
            gateway::DeleteIntegration{.api_id = api, .integration_id = one.integration_id});
    resources.erase("integration web GET--ping");
    client.call(
        aws::s3::PutObject{.bucket = "nimbus-state", .key = key, .body = pretty_json(state)});
}

TEST(Deploy, ReplacesTheIntegrationsOfAnEarlierVersion)
{
    namespace gateway = aws::apigatewayv2;
    const CloudProcess cloud;
    Person person(cloud);
    auto manifest = one_route();
    auto& routes = manifest.declared.of<api::Api>().front().routes;
    routes.push_back({"POST", "/ping", routes.front().function});
    const auto api = apis(person.deploy(manifest))[0].id;
    make_as_before_0_2(person, api);
    EXPECT_EQ(person.client().call(gateway::GetIntegrations{.api_id = api}).items.size(), 2u);

    person.deploy(manifest);
    const auto integrations = person.client().call(gateway::GetIntegrations{.api_id = api}).items;
    ASSERT_EQ(integrations.size(), 1u);
    for (const auto& route : person.client().call(gateway::GetRoutes{.api_id = api}).items)
        EXPECT_EQ(route.target, "integrations/" + integrations.front().integration_id);
    EXPECT_EQ(person.deploy(manifest).changes.updated, 0);
    person.destroy();
    EXPECT_THAT(inventory(person), IsEmpty());
}

TEST(Deploy, LeavesAloneWhatIsNotItsOwn)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.client().call(aws::iam::CreateRole{
        .role_name = "testbed-dev-functions-us-east-1",
        .assume_role_policy_document =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
                "Principal":{"Service":"lambda.amazonaws.com"}}]})"});
    try {
        person.deploy(one_route());
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("role testbed-dev-functions-us-east-1 already exists"));
        EXPECT_THAT(error.hint(), HasSubstr("rename"));
    }
    EXPECT_THAT(person.client().call(aws::lambda::ListFunctions{}).functions, IsEmpty());
}

TEST(Deploy, AsksBeforeItChangesAnything)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto manifest = one_route();
    EXPECT_FALSE(deploy(all_kinds(), person.target(), manifest, person.artifacts(), person.options,
                        [](const PlanSummary& plan) {
                            EXPECT_FALSE(plan.changes_nothing());
                            return false;
                        }));
    EXPECT_EQ(person.changes(), 0);
}

TEST(Deploy, StopsWhenItIsInterruptedAndGoesOnLater)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.options.interrupted = [&] { return person.changes() > 5; };
    EXPECT_THROW(person.deploy(one_route()), Interrupted);
    person.options.interrupted = {};
    person.deploy(one_route());
    EXPECT_EQ(inventory(person).size(), 9u);
}

TEST(Deploy, ForAnotherRegionOrAccountIsRefused)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto elsewhere = one_route();
    elsewhere.region = "eu-west-1";
    EXPECT_THROW(person.deploy(elsewhere), UsageError);

    person.deploy(one_route());
    auto target = person.target();
    target.account_id = "210987654321";
    EXPECT_THROW(plan(all_kinds(), target, one_route(), person.artifacts()), Error);
}

/// Copies of `value` with each of its members, at any depth, deleted, emptied, or of another type.
std::vector<json::value> mutations(const json::value& value)
{
    std::vector<json::value> all{nullptr,
                                 true,
                                 7,
                                 "",
                                 json::array{},
                                 json::object{},
                                 json::array{7},
                                 json::object{{"x", 7}}};
    if (const auto* object = value.if_object())
        for (const auto& [key, member] : *object) {
            auto changed = *object;
            changed.erase(key);
            all.emplace_back(changed);
            for (auto& other : mutations(member)) {
                changed = *object;
                changed[key] = std::move(other);
                all.emplace_back(changed);
            }
        }
    if (const auto* array = value.if_array(); array != nullptr && !array->empty())
        for (auto& other : mutations(array->front())) {
            auto changed = *array;
            changed.front() = std::move(other);
            all.emplace_back(std::move(changed));
        }
    return all;
}

TEST(State, HoweverDamagedItIsUsedOrRefusedWithTheWayOut)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    const auto key = object_key(person.id, "state.json");
    const auto text =
        person.client().call(aws::s3::GetObject{.bucket = "nimbus-state", .key = key}).body;
    int used = 0;
    int refused = 0;
    for (const auto& mutation : mutations(parse_json(text, "the state"))) {
        const auto mutated = compact_json(mutation);
        SCOPED_TRACE(mutated);
        person.client().call(
            aws::s3::PutObject{.bucket = "nimbus-state", .key = key, .body = mutated});
        try {
            deployment_status(all_kinds(), person.target(), person.id);
            person.plan(one_route());
            const auto found = outputs(all_kinds(), person.target(), person.id);
            const auto state = parse_state(mutated, key, person.id, all_kinds()).state;
            std::set<std::string> doomed;
            for (const auto& entry : state.records)
                doomed.insert(entry.first);
            make_removal_plan(all_kinds(), state, doomed);
            ++used;
        } catch (const DamagedState& error) {
            EXPECT_THAT(error.what(), HasSubstr("nimbus/testbed/dev/us-east-1/state.json"));
            EXPECT_THAT(error.hint(), HasSubstr("nimbus unlock --project testbed"));
            ++refused;
        } catch (const NewerState&) {
            ++refused; // its version became another one
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
    }
    EXPECT_GT(used, 0);
    EXPECT_GT(refused, 0);
}

TEST(Destroy, LeavesNothing)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto created = person.deploy(one_route()).changes.created;
    const auto result = person.destroy();
    EXPECT_TRUE(result.existed);
    EXPECT_EQ(result.changes.deleted, created);
    EXPECT_THAT(result.kept, IsEmpty());
    EXPECT_THAT(inventory(person), IsEmpty());
    EXPECT_FALSE(outputs(all_kinds(), person.target(), person.id));
    EXPECT_FALSE(person.destroy().existed);
}

TEST(Lock, IsNotNeededWhenNothingIsToBeDone)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    person.client().call(aws::s3::PutObject{
        .bucket = "nimbus-state", .key = lock_key(person.id), .body = R"({"holder": "ann"})"});
    EXPECT_EQ(person.deploy(one_route()).changes.created, 0);
}

TEST(Unlock, TakesAwayNoOtherLockThanTheOneThatWasShown)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    const auto put_lock = [&](const std::string& id) {
        person.client().call(aws::s3::PutObject{.bucket = "nimbus-state",
                                                .key = lock_key(person.id),
                                                .body = lock_text({.id = id,
                                                                   .holder = "ann@home (7)",
                                                                   .operation = "deploy",
                                                                   .since = {},
                                                                   .expires = {}})});
    };
    put_lock("x");
    const auto shown = read_lock(person.target(), person.id);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->holder, "ann@home (7)");
    EXPECT_TRUE(shown->stale);
    put_lock("y");
    EXPECT_THROW(unlock(person.target(), person.id, *shown), Error);
    const auto other = read_lock(person.target(), person.id);
    ASSERT_TRUE(other);
    EXPECT_EQ(unlock(person.target(), person.id, *other), Unlocked::removed);
    EXPECT_FALSE(read_lock(person.target(), person.id));
}

TEST(Unlock, SetsADamagedStateAsideAndTheNextDeployFindsTheResources)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(one_route());
    const auto before = inventory(person);
    EXPECT_FALSE(damaged_state(all_kinds(), person.target(), person.id));
    for (const std::string text : {"{", R"({"version": 1, "project": "other"})"}) {
        person.client().call(aws::s3::PutObject{.bucket = "nimbus-state",
                                                .key = "nimbus/testbed/dev/us-east-1/state.json",
                                                .body = text});
        EXPECT_THROW(person.deploy(one_route()), Error);
        const auto damage = damaged_state(all_kinds(), person.target(), person.id);
        ASSERT_TRUE(damage);
        EXPECT_EQ(damage->text, text);
        EXPECT_THAT(damage->what, HasSubstr("s3://nimbus-state/nimbus/testbed/dev/us-east-1/"));
        const auto aside = set_state_aside(all_kinds(), person.target(), person.id, *damage);
        EXPECT_THAT(aside, HasSubstr("state.json.damaged-"));

        EXPECT_EQ(person.deploy(one_route()).changes.created, 0);
        const auto key = aside.substr(std::string("s3://nimbus-state/").size());
        EXPECT_EQ(
            person.client().call(aws::s3::GetObject{.bucket = "nimbus-state", .key = key}).body,
            text);
        person.client().call(aws::s3::DeleteObject{.bucket = "nimbus-state", .key = key});
        EXPECT_EQ(inventory(person), before);
    }
}

// --- killed at every step -----------------------------------------------------------------------

class KilledTest : public testing::TestWithParam<std::string> {};

TEST_P(KilledTest, ADeployIsFinishedByTheNext)
{
    const CloudProcess cloud;
    Person(cloud).deploy(one_route());
    const auto wanted = inventory(Person(cloud));
    Person(cloud).destroy();
    int step = 1;
    for (; step < most_steps; ++step) {
        Person doomed(cloud); // made here, so that its files are not left behind
        if (!is_killed(step, GetParam(), [&] { doomed.deploy(one_route()); }))
            break;
        Person person(cloud);
        person.deploy(one_route());
        EXPECT_EQ(inventory(person), wanted) << "killed " << GetParam() << " step " << step;
        person.destroy();
        EXPECT_THAT(inventory(person), IsEmpty());
    }
    EXPECT_GT(step, 10);
    EXPECT_LT(step, most_steps);
}

TEST_P(KilledTest, ADestroyIsFinishedByTheNext)
{
    const CloudProcess cloud;
    Person(cloud).deploy(one_route());
    int step = 1;
    for (; step < most_steps; ++step) {
        Person doomed(cloud);
        if (!is_killed(step, GetParam(), [&] { doomed.destroy(); }))
            break;
        Person person(cloud);
        person.destroy();
        EXPECT_THAT(inventory(person), IsEmpty()) << "killed " << GetParam() << " step " << step;
        person.deploy(one_route());
    }
    EXPECT_GT(step, 5);
    EXPECT_LT(step, most_steps);
}

TEST(Killed, ADeployWhileAnotherOneAskedIsOvertakenByANewPlan)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    const auto asked_for = [] { return Person::application({"GET /ping", "GET /next"}); };
    Person(cloud).deploy(asked_for());
    const auto wanted = inventory(Person(cloud));
    Person(cloud).destroy();
    const auto steps = testing_kill::each_step([&](int step) {
        Person person(cloud);
        person.deploy(one_route());
        Person doomed(cloud);
        std::optional<bool> killed;
        const auto confirm = [&](const PlanSummary&) {
            if (!killed)
                killed = is_killed(step, "after",
                                   [&] { doomed.deploy(Person::application({"GET /ping"}, 512)); });
            return true;
        };
        deploy(all_kinds(), person.target(), asked_for(), person.artifacts(), person.options,
               confirm);
        EXPECT_EQ(inventory(person), wanted) << "killed after step " << step;
        person.destroy();
        return killed.value();
    });
    EXPECT_GT(steps, 3);
}

INSTANTIATE_TEST_SUITE_P(Moments, KilledTest, testing::Values("before", "after"),
                         [](const auto& parameter) { return parameter.param; });

// --- stopped at every step, overtaken, and let go -----------------------------------------------

const auto next_version = [] { return Person::application({"GET /ping", "GET /next"}, 512); };

/// Another person deletes the lock of a stopped one, in the bucket, and deploys; the first one is
/// let go. What does it send? Returns how it ended.
End overtake(const CloudProcess& cloud, const Person& stopped_person, StoppedProcess& stopped)
{
    Person person(cloud);
    const auto lock = read_lock(person.target(), person.id);
    if (lock)
        person.client().call(
            aws::s3::DeleteObject{.bucket = "nimbus-state", .key = lock_key(person.id)});
    person.deploy(next_version());
    const auto wanted = inventory(person);
    const auto sent = stopped_person.sent();
    const auto end = stopped.let_go();
    EXPECT_EQ(stopped_person.sent(), sent);
    EXPECT_EQ(inventory(person), wanted);
    EXPECT_EQ(person.deploy(next_version()).changes.created, 0);
    person.destroy();
    return end;
}

TEST(Stopped, ADeployThatWasOvertakenSendsNothingAnyMore)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    int lost = 0;
    // The first change is the lock's; then there is something to take away.
    const auto steps = testing_kill::each_step([&](int step) {
        Person doomed(cloud);
        doomed.options.parallel = 1;
        StoppedProcess stopped(std::to_string(step) + ":after",
                               [&] { doomed.deploy(one_route()); });
        if (!stopped.is_stopped()) {
            doomed.destroy();
            return false;
        }
        lost += overtake(cloud, doomed, stopped) == End::lost_lock ? 1 : 0;
        return true;
    });
    EXPECT_GT(steps, 10);
    EXPECT_EQ(lost, steps - 2) << "after the last write and after the lock, nothing was left to do";
}

TEST(Stopped, ADestroyThatWasOvertakenSendsNothingAnyMore)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    int lost = 0;
    const auto steps = testing_kill::each_step([&](int step) {
        Person person(cloud);
        person.deploy(one_route());
        Person doomed(cloud);
        doomed.options.parallel = 1;
        StoppedProcess stopped(std::to_string(step) + ":after", [&] { doomed.destroy(); });
        if (!stopped.is_stopped())
            return false;
        lost += overtake(cloud, doomed, stopped) == End::lost_lock ? 1 : 0;
        return true;
    });
    EXPECT_GT(steps, 5);
    EXPECT_EQ(lost, steps - 2) << "after the last write and after the lock, nothing was left to do";
}

} // namespace
} // namespace nimbus::deploy

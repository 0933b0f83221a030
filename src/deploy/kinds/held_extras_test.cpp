#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "base/mutex.h"
#include "deploy/kinds/api/output.h"
#include "deploy/test_cloud.h"

#include <gmock/gmock.h>

/// What somebody added to our things, where these leave the program or are destroyed.
namespace nimbus::deploy {
namespace {

namespace gateway = aws::apigatewayv2;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

class Notes final : public Status {
public:
    void note(const std::string& sentence) override
    {
        const MutexLock lock(mutex_);
        all_.push_back(sentence);
    }
    std::vector<std::string> take()
    {
        const MutexLock lock(mutex_);
        return std::exchange(all_, {});
    }

private:
    Mutex mutex_;
    std::vector<std::string> all_ NIMBUS_GUARDED_BY(mutex_);
};

class HeldExtrasTest : public testing::Test {
protected:
    HeldExtrasTest()
    {
        person.options.status = &notes;
        result = person.deploy(both);
        api_id = result.outputs.of<api::ApiOutput>(api::kind_name).front().id;
    }

    std::vector<gateway::Route> routes() const
    {
        return person.client().call(gateway::GetRoutes{.api_id = api_id}).items;
    }
    std::vector<std::string> route_keys() const
    {
        std::vector<std::string> keys;
        for (const auto& route : routes())
            keys.push_back(route.route_key);
        std::ranges::sort(keys);
        return keys;
    }
    gateway::Route route(const std::string& key) const
    {
        for (const auto& present : routes())
            if (present.route_key == key)
                return present;
        throw Error("there is no route " + key);
    }
    void expect_refused(const std::string& culprit)
    {
        try {
            person.deploy(one);
            ADD_FAILURE();
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr(culprit));
            EXPECT_THAT(error.hint(), HasSubstr("--prune"));
        }
    }

    CloudProcess cloud;
    Notes notes;
    Person person{cloud};
    const manifest::Manifest both = Person::application({"GET /ping", "GET /pid"});
    const manifest::Manifest one = Person::application({"GET /ping"});
    DeployResult result;
    std::string api_id;
};

TEST_F(HeldExtrasTest, ARouteOnAnIntegrationThatLeavesIsNamedBeforeAnythingIsChanged)
{
    person.client().call(gateway::CreateRoute{
        .api_id = api_id, .route_key = "GET /extra", .target = route("GET /pid").target});
    EXPECT_THAT(person.plan(one).warnings, ElementsAre(HasSubstr("the route GET /extra")));

    const int before = person.changes();
    expect_refused("The integration web GET--pid is no longer declared, but cannot be deleted: "
                   "the route GET /extra, which somebody added to the api web, uses it");
    EXPECT_EQ(person.changes(), before);

    person.options.prune = true;
    EXPECT_EQ(person.deploy(one).changes.created, 0);
    EXPECT_THAT(route_keys(), ElementsAre("GET /ping"));
    EXPECT_TRUE(person.plan(one).changes_nothing());
}

TEST_F(HeldExtrasTest, ARouteThatSomebodyMadeAgainByHandIsTheirs)
{
    const auto made = route("GET /pid");
    person.client().call(gateway::DeleteRoute{.api_id = api_id, .route_id = made.route_id});
    person.client().call(
        gateway::CreateRoute{.api_id = api_id, .route_key = made.route_key, .target = made.target});
    expect_refused("the route GET /pid");
    person.options.prune = true;
    person.deploy(one);
    EXPECT_THAT(route_keys(), ElementsAre("GET /ping"));
}

TEST_F(HeldExtrasTest, ARouteOfOursThatSomebodyMovedIsPutRightBeforeTheIntegrationGoes)
{
    const auto right = route("GET /ping").target;
    person.client().call(gateway::UpdateRoute{.api_id = api_id,
                                              .route_id = route("GET /ping").route_id,
                                              .target = route("GET /pid").target});
    person.deploy(one);
    EXPECT_EQ(route("GET /ping").target, right);
    EXPECT_THAT(route_keys(), ElementsAre("GET /ping"));
}

TEST_F(HeldExtrasTest, AnIntegrationThatCallsOurFunctionIsNotTakenOver)
{
    const auto own = person.client().call(gateway::GetIntegrations{.api_id = api_id}).items;
    person.deploy(one);
    // Of a function that no route leads to just now.
    const auto arn =
        std::ranges::find(own, "web GET--pid", &gateway::Integration::description)->integration_uri;
    const auto theirs =
        person.client().call(gateway::CreateIntegration{.api_id = api_id,
                                                        .integration_uri = arn,
                                                        .payload_format_version = "2.0",
                                                        .description = "mine, do not touch"});
    person.deploy(both);
    EXPECT_NE(route("GET /pid").target, "integrations/" + theirs.integration_id);
    for (const auto& present :
         person.client().call(gateway::GetIntegrations{.api_id = api_id}).items)
        if (present.integration_id == theirs.integration_id) {
            EXPECT_EQ(present.description, "mine, do not touch");
            EXPECT_EQ(present.payload_format_version, "2.0");
        }
    EXPECT_THAT(person.plan(both).extras,
                ElementsAre(testing::Field(&PlannedExtra::what, HasSubstr(theirs.integration_id))));
}

TEST_F(HeldExtrasTest, AnApiThatLeavesTheProgramStaysWithSomebodysRoutes)
{
    person.client().call(gateway::CreateRoute{.api_id = api_id, .route_key = "GET /extra"});
    auto without = one;
    without.declared.of<api::Api>().clear();
    notes.take();
    person.deploy(without);
    EXPECT_THAT(notes.take(), Contains(HasSubstr("the route GET /extra")));
    EXPECT_THAT(route_keys(), Contains("GET /extra"));
    EXPECT_TRUE(person.plan(without).changes_nothing());

    person.options.prune = true;
    person.deploy(without);
    EXPECT_FALSE(person.client().find(gateway::GetApi{.api_id = api_id}));
}

TEST_F(HeldExtrasTest, ADestroyTellsWhatGoesAlong)
{
    person.client().call(gateway::CreateRoute{.api_id = api_id, .route_key = "GET /extra"});
    notes.take();
    person.destroy();
    EXPECT_THAT(notes.take(), Contains("With the api web goes what somebody added to it: the route "
                                       "GET /extra"));
    EXPECT_FALSE(person.client().find(gateway::GetApi{.api_id = api_id}));
}

} // namespace
} // namespace nimbus::deploy

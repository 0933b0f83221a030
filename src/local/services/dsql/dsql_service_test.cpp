#include "base/encoding.h"
#include "base/error.h"
#include "base/test_log.h"
#include "local/services/dsql/dsql_service.h"
#include "local/services/test_calls.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;
using testing::HasSubstr;

/// Finishes what was asked of it when the test says so.
class ManualHost : public ClusterHost {
public:
    using Done = std::function<void(std::string)>;

    std::string reserve_address(const Cluster& cluster) override
    {
        if (refuse_addresses)
            throw Error("Port 5432 of " + cluster.address + " is taken.");
        return cluster.address.empty() ? "127.1.0." + std::to_string(next_++) : cluster.address;
    }
    void start(const Cluster& cluster, Done done) override
    {
        started.push_back(cluster);
        pending.push_back(std::move(done));
    }
    void remove(const std::string& id, Done done) override
    {
        removed.push_back(id);
        pending.push_back(std::move(done));
    }
    ClusterCopy copy(const std::string&) override { return {}; }
    void remove_copy(const std::string&, const std::string&) override {}
    void back_up(const std::string&, const std::filesystem::path&) override {}
    void finish(const std::string& failure = {})
    {
        for (const auto& done : std::exchange(pending, {}))
            done(failure);
    }

    bool refuse_addresses = false;
    std::vector<Cluster> started;
    std::vector<std::string> removed;
    std::vector<Done> pending;

private:
    int next_ = 1;
};

/// Lets everything through but `denied`.
class DenyingAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return std::nullopt; }
    Decision authorize(const Principal&, const std::string& action, const std::string&,
                       const ConditionContext& context, const std::string&) override
    {
        asked[action] = context;
        return {.allowed = action != denied, .explanation = "not authorized: " + action};
    }
    Decision ensure_service_linked_role(const Principal& principal,
                                        const ServiceLinkedRole& role) override
    {
        return authorize(principal, "iam:CreateServiceLinkedRole", role.name,
                         {{"iam:AWSServiceName", role.service}}, {});
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }

    std::string denied;
    std::map<std::string, ConditionContext> asked;
};

class DsqlService : public testing::Test {
protected:
    DsqlService() { store_.attach(host_); }

    http::Response dsql(const std::string& method, const std::string& target,
                        const std::string& body = {})
    {
        return send_json(service_, method, target, body);
    }
    std::string create(const std::string& body = R"({"deletionProtectionEnabled":false})")
    {
        return string_or_empty(body_of(dsql("POST", "/cluster", body)), "identifier");
    }
    std::string status(const std::string& id)
    {
        return string_or_empty(body_of(dsql("GET", "/cluster/" + id)), "status");
    }

    sqlite::Database database_{":memory:"};
    TestLog log_;
    HostAddresses names_;
    bool can_publish_ = true;
    ClusterStore store_{database_, "123456789012", system_now, log_.log(),
                        [this](const HostAddresses& names) {
                            if (!can_publish_)
                                throw Error("No space left on device");
                            names_ = names;
                        }};
    ManualHost host_;
    DenyingAccess access_;
    ClusterCopies copies_{store_, log_.log()};
    Service service_ = make_dsql_service(store_, copies_, access_);
};

TEST_F(DsqlService, AClusterNeedsTheRoleOfDsql)
{
    access_.denied = "iam:CreateServiceLinkedRole";
    const auto refused = dsql("POST", "/cluster");
    EXPECT_EQ(error_of(refused), "403 AccessDeniedException");
    EXPECT_EQ(string_or_empty(body_of(refused), "message"),
              "not authorized: iam:CreateServiceLinkedRole");
    access_.denied.clear();
    EXPECT_FALSE(create().empty());
    EXPECT_EQ(access_.asked["iam:CreateServiceLinkedRole"]["iam:AWSServiceName"],
              "dsql.amazonaws.com");
}

TEST_F(DsqlService, PoliciesMayTestTheTagsOfACluster)
{
    const auto id = create(R"({"tags":{"team":"web"}})");
    const auto arn = "arn:aws:dsql:us-east-1:123456789012:cluster/" + id;
    Call call{.account_id = "123456789012",
              .region = "us-east-1",
              .request = {.method = "POST",
                          .target = "/tags/" + percent_encode(arn),
                          .body = R"({"tags":{"stage":"dev"}})"}};
    const auto& operation = service_.match(call);
    EXPECT_EQ(operation.resource(call), arn);
    EXPECT_EQ(operation.context(call), (ConditionContext{{"aws:ResourceTag/team", "web"}}));
}

TEST_F(DsqlService, TheDataPlaneKnowsTheTagsOfTheTime)
{
    const auto id = create(R"({"tags":{"team":"web"}})");
    const auto tags = host_.started.at(0).tags;
    EXPECT_EQ(tags(), (std::map<std::string, std::string>{{"team", "web"}}));
    const auto arn = "arn:aws:dsql:us-east-1:123456789012:cluster/" + id;
    dsql("DELETE", "/tags/" + percent_encode(arn) + "?tagKeys=team");
    EXPECT_TRUE(tags().empty());
}

TEST_F(DsqlService, AClusterIsCreatingThenActiveThenGone)
{
    const auto id = create();
    EXPECT_EQ(id.size(), 26U);
    EXPECT_EQ(status(id), "CREATING");
    EXPECT_EQ(error_of(dsql("DELETE", "/cluster/" + id)), "409 ConflictException");
    host_.finish();
    EXPECT_EQ(status(id), "ACTIVE");
    EXPECT_EQ(string_or_empty(body_of(dsql("GET", "/cluster/" + id)), "endpoint"),
              id + ".dsql.us-east-1.on.aws");
    EXPECT_EQ(dsql("DELETE", "/cluster/" + id).status, 200);
    EXPECT_EQ(status(id), "DELETING");
    host_.finish();
    EXPECT_EQ(error_of(dsql("GET", "/cluster/" + id)), "404 ResourceNotFoundException");
    EXPECT_EQ(host_.removed, std::vector<std::string>{id});
}

TEST_F(DsqlService, DeletionProtectionIsOnUnlessSaidOtherwise)
{
    const auto id = create("{}");
    host_.finish();
    const auto refused = dsql("DELETE", "/cluster/" + id);
    EXPECT_EQ(error_of(refused), "400 ValidationException");
    EXPECT_EQ(body_of(refused).at("reason"), "deletionProtectionEnabled");
    EXPECT_EQ(dsql("POST", "/cluster/" + id, R"({"deletionProtectionEnabled":false})").status, 200);
    EXPECT_EQ(dsql("DELETE", "/cluster/" + id).status, 200);
}

TEST_F(DsqlService, OneClientTokenMakesOneCluster)
{
    const auto id = create(R"({"clientToken":"t","tags":{"a":"b"}})");
    EXPECT_EQ(create(R"({"clientToken":"t","tags":{"a":"b"}})"), id);
    EXPECT_EQ(error_of(dsql("POST", "/cluster", R"({"clientToken":"t"})")),
              "409 ConflictException");
    EXPECT_EQ(host_.started.size(), 1U);
}

TEST_F(DsqlService, TwentyClustersAreTheLimit)
{
    for (int i = 0; i < 20; ++i)
        create();
    const auto refused = dsql("POST", "/cluster", "{}");
    EXPECT_EQ(error_of(refused), "402 ServiceQuotaExceededException");
    EXPECT_EQ(body_of(refused).at("message"), "You have reached the cluster limit.");
    const auto first = body_of(dsql("GET", "/cluster?max-results=15"));
    EXPECT_EQ(first.at("clusters").as_array().size(), 15U);
    const auto rest = body_of(
        dsql("GET", "/cluster?max-results=15&next-token=" + string_or_empty(first, "nextToken")));
    EXPECT_EQ(rest.at("clusters").as_array().size(), 5U);
    EXPECT_FALSE(rest.contains("nextToken"));
}

TEST_F(DsqlService, AClusterThatFailsToStartSaysSo)
{
    const auto id = create();
    host_.finish("no PostgreSQL on this machine");
    EXPECT_EQ(status(id), "FAILED");
    EXPECT_THAT(log_.last(), HasSubstr("message=\"A cluster did not start\" cluster=" + id +
                                       " reason=\"no PostgreSQL on this machine\""));
    EXPECT_EQ(dsql("DELETE", "/cluster/" + id).status, 200);
}

TEST_F(DsqlService, AClusterThatNeverStartedIsMadeByARestart)
{
    const auto id = create();
    host_.finish("the disk is full");
    store_.detach();
    ManualHost other;
    store_.attach(other);
    ASSERT_EQ(other.started.size(), 1U);
    EXPECT_FALSE(other.started[0].has_data);
    other.finish();
    EXPECT_EQ(status(id), "ACTIVE");
    store_.detach();
    ManualHost third;
    store_.attach(third);
    ASSERT_EQ(third.started.size(), 1U);
    EXPECT_TRUE(third.started[0].has_data);
}

TEST_F(DsqlService, ARestartTakesUpWhatWasUnderWay)
{
    const auto active = create();
    const auto going = create();
    host_.finish();
    dsql("DELETE", "/cluster/" + going);
    store_.detach();
    host_.finish();

    ManualHost other;
    store_.attach(other);
    ASSERT_EQ(other.started.size(), 1U);
    EXPECT_EQ(other.started[0].id, active);
    EXPECT_EQ(other.started[0].address, "127.1.0.1");
    EXPECT_EQ(other.removed, std::vector<std::string>{going});
    other.finish();
    EXPECT_EQ(status(active), "ACTIVE");
}

TEST_F(DsqlService, TheNamesOfAllClustersArePublished)
{
    const auto name = [](const std::string& id) { return id + ".dsql.us-east-1.on.aws"; };
    const auto first = create();
    EXPECT_EQ(names_, (HostAddresses{{name(first), "127.1.0.1"}}));
    const auto second = create();
    host_.finish();
    EXPECT_EQ(names_, (HostAddresses{{name(first), "127.1.0.1"}, {name(second), "127.1.0.2"}}));
    dsql("DELETE", "/cluster/" + first);
    EXPECT_EQ(names_, (HostAddresses{{name(second), "127.1.0.2"}}));

    store_.detach();
    names_.clear();
    ManualHost other;
    store_.attach(other);
    EXPECT_EQ(names_, (HostAddresses{{name(second), "127.1.0.2"}})) << "after a restart";
}

TEST_F(DsqlService, AClusterWhoseNameCannotBePublishedIsThereAllTheSame)
{
    can_publish_ = false;
    const auto id = create();
    host_.finish();
    EXPECT_EQ(status(id), "ACTIVE");
    EXPECT_THAT(log_.last(), HasSubstr("\"The names of the clusters cannot be published\" "
                                       "reason=\"No space left on device\""));
}

TEST_F(DsqlService, AClusterWhoseAddressIsTakenFailsInsteadOfMoving)
{
    const auto id = create();
    host_.finish();
    store_.detach();
    ManualHost other;
    other.refuse_addresses = true;
    store_.attach(other);
    EXPECT_EQ(status(id), "FAILED");
    EXPECT_THAT(log_.last(), HasSubstr("\"A cluster cannot be reached at its address\""));
}

TEST_F(DsqlService, TagsAreFoundByArn)
{
    const auto id = create(R"({"tags":{"a":"1"}})");
    const auto arn = "/tags/arn%3Aaws%3Adsql%3Aus-east-1%3A123456789012%3Acluster%2F" + id;
    EXPECT_EQ(dsql("POST", arn, R"({"tags":{"b":"2"}})").status, 200);
    EXPECT_EQ(dsql("DELETE", arn + "?tagKeys=a").status, 200);
    EXPECT_EQ(body_of(dsql("GET", arn)).at("tags"), (json::object{{"b", "2"}}));
}

} // namespace
} // namespace nimbus::local

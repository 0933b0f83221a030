#include "base/error.h"
#include "base/test_log.h"
#include "local/services/dsql/cluster_copies_service.h"
#include "local/services/test_calls.h"
#include "process/child_process.h"

#include <gmock/gmock.h>

#include <future>
#include <set>
#include <unistd.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;
using testing::HasSubstr;

/// Makes copies at once, and says when one was removed.
class CopyingHost : public ClusterHost {
public:
    std::string reserve_address(const Cluster&) override { return "127.1.0.1"; }
    void start(const Cluster&, std::function<void(std::string)> done) override { done({}); }
    void remove(const std::string&, std::function<void(std::string)> done) override { done({}); }
    ClusterCopy copy(const std::string& cluster_id) override
    {
        const MutexLock lock(mutex_);
        if (!failure_.empty())
            throw Error(failure_);
        const auto number = std::to_string(++made_);
        copies_.insert(cluster_id + number);
        return {.id = cluster_id + number, .address = "127.2.0." + number};
    }
    void remove_copy(const std::string&, const std::string& id) override
    {
        const MutexLock lock(mutex_);
        copies_.erase(id);
        changed_.notify_all();
    }
    void back_up(const std::string&, const std::filesystem::path&) override {}

    void fail(const std::string& failure)
    {
        const MutexLock lock(mutex_);
        failure_ = failure;
    }
    void wait_until_removed(const std::string& id)
    {
        MutexLock lock(mutex_);
        while (copies_.contains(id))
            changed_.wait(lock);
    }

private:
    Mutex mutex_;
    ConditionVariable changed_;
    int made_ NIMBUS_GUARDED_BY(mutex_) = 0;
    std::set<std::string> copies_ NIMBUS_GUARDED_BY(mutex_);
    std::string failure_ NIMBUS_GUARDED_BY(mutex_);
};

/// Lambda may take on one role.
class OneRole : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return {}; }
    Decision authorize(const Principal&, const std::string&, const std::string&,
                       const ConditionContext&, const std::string&) override
    {
        return {.allowed = true};
    }
    AccessKey assume_role_for_service(const std::string& role, const std::string& service,
                                      const std::string&, std::chrono::seconds) override
    {
        if (role != "arn:aws:iam::123456789012:role/tests" || service != "lambda.amazonaws.com")
            throw Error("no such role");
        return {.access_key_id = "ASIA1", .secret_access_key = "s", .session_token = "t"};
    }
};

class ClusterCopiesService : public testing::Test {
protected:
    ClusterCopiesService()
    {
        store_.attach(host_);
        copies_.attach(host_);
        cluster_ = store_.create({.region = "us-east-1"}, [](const auto&) { return std::nullopt; });
    }

    http::Response copy(pid_t owner, const std::string& members = {})
    {
        return send_json(service_, "POST", "/cluster-copies",
                         R"({"cluster":")" + cluster_.id + R"(","process":)" +
                             std::to_string(owner) + members + "}");
    }
    std::string id_of_copy(pid_t owner = ::getpid())
    {
        return string_or_empty(body_of(copy(owner)), "identifier");
    }
    http::Response list() { return send_json(service_, "GET", "/cluster-copies"); }
    std::map<std::string, std::string> names()
    {
        const MutexLock lock(names_mutex_);
        return {names_.begin(), names_.end()};
    }

    sqlite::Database database_{":memory:"};
    TestLog log_;
    Mutex names_mutex_;
    HostAddresses names_ NIMBUS_GUARDED_BY(names_mutex_);
    ClusterStore store_{database_, "123456789012", system_now, log_.log(),
                        [this](const HostAddresses& names) {
                            const MutexLock lock(names_mutex_);
                            names_ = names;
                        }};
    CopyingHost host_;
    OneRole access_;
    ClusterCopies copies_{store_, log_.log()};
    Service service_ = make_cluster_copies_service(store_, copies_, access_);
    ClusterRecord cluster_;
};

TEST_F(ClusterCopiesService, ACopyHasAnEndpointWhoseNameIsPublished)
{
    const auto answer = copy(::getpid());
    EXPECT_EQ(answer.status, 201);
    const auto body = body_of(answer);
    const auto id = string_or_empty(body, "identifier");
    const auto endpoint = string_or_empty(body, "endpoint");
    EXPECT_EQ(endpoint, id + ".dsql.us-east-1.on.aws");
    EXPECT_THAT(names()[endpoint], HasSubstr("127.2.0."));
    EXPECT_FALSE(body.contains("credentials"));
    EXPECT_EQ(compact_json(body_of(list())),
              R"({"copies":[{"identifier":")" + id + R"(","cluster":")" + cluster_.id +
                  R"(","process":)" + std::to_string(::getpid()) + "}]}");
}

TEST_F(ClusterCopiesService, EachIsAnotherAndIsRemovedWhenAskedTo)
{
    const auto first = id_of_copy();
    const auto second = id_of_copy();
    EXPECT_NE(first, second);
    EXPECT_EQ(send_json(service_, "DELETE", "/cluster-copies/" + first).status, 200);
    host_.wait_until_removed(first);
    EXPECT_EQ(error_of(send_json(service_, "DELETE", "/cluster-copies/" + first)),
              "404 ResourceNotFoundException");
    EXPECT_THAT(compact_json(body_of(list())), HasSubstr(second));
}

TEST_F(ClusterCopiesService, ARoleGetsCredentialsAsOfAFunction)
{
    const auto body =
        body_of(copy(::getpid(), R"(,"role":"arn:aws:iam::123456789012:role/tests")"));
    EXPECT_EQ(compact_json(body.at("credentials")),
              R"({"accessKeyId":"ASIA1","secretAccessKey":"s","sessionToken":"t"})");
    EXPECT_EQ(error_of(copy(::getpid(), R"(,"role":"arn:aws:iam::123456789012:role/no")")),
              "400 ValidationException");
}

TEST_F(ClusterCopiesService, ACopyGoesWithTheProcessThatHasIt)
{
    auto owner = process::ChildProcess::spawn({.arguments = {"sleep", "1000"}});
    const auto id = id_of_copy(owner.pid());
    const auto own = id_of_copy();
    owner.signal(SIGKILL);
    host_.wait_until_removed(id);
    EXPECT_THAT(compact_json(body_of(list())), HasSubstr(own));
    owner.wait(Deadline::never());
    EXPECT_EQ(error_of(copy(owner.pid())), "400 ValidationException") << "it has ended";
}

TEST_F(ClusterCopiesService, WhatCannotBeCopiedIsToldAndTriedAgainLater)
{
    host_.fail("The disk is full");
    const auto refused = copy(::getpid());
    EXPECT_EQ(error_of(refused), "400 ValidationException");
    EXPECT_THAT(refused.body, HasSubstr("The disk is full"));
    host_.fail("");
    EXPECT_EQ(copy(::getpid()).status, 201);
}

TEST_F(ClusterCopiesService, ABadRequestIsRefused)
{
    for (const auto* body : {R"({"cluster":"nosuch","process":1})", R"({"process":0})",
                             R"({"cluster":1,"process":1})", "{}"})
        EXPECT_THAT(error_of(send_json(service_, "POST", "/cluster-copies", body)),
                    testing::AnyOf("400 ValidationException", "404 ResourceNotFoundException"))
            << body;
}

TEST_F(ClusterCopiesService, TheCopiesOfAClusterThatIsDeletedAreForgotten)
{
    EXPECT_NE(id_of_copy(), "");
    copies_.forget(cluster_.id);
    EXPECT_EQ(compact_json(body_of(list())), R"({"copies":[]})");
}

} // namespace
} // namespace nimbus::local

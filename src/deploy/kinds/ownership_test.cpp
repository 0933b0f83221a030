#include "aws/ops/iam/roles.h"
#include "aws/ops/lambda/tags.h"
#include "aws/ops/s3/objects.h"
#include "aws/ops/scheduler/tags.h"
#include "aws/ops/secretsmanager/secrets.h"
#include "base/file.h"
#include "base/random.h"
#include "deploy/graph.h"
#include "deploy/kind.h"
#include "deploy/observe.h"
#include "deploy/references.h"
#include "deploy/state.h"
#include "deploy/test_cloud.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::HasSubstr;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

const std::string state_key = "nimbus/testbed/dev/us-east-1/state.json";

/// Types with tags in whose place nobody else's thing can be: they are found by these tags, or are
/// parts of what is proved to be ours.
const std::set<std::string> found_by_tags{"api", "cluster", "stage"};

/// Of each kind one. Databases are in test_sharing.py: there is no PostgreSQL here.
manifest::Manifest everything()
{
    const auto cases = parse_json(read_file(NIMBUS_MANIFEST_CASES), "cases").as_object();
    return manifest::parse_manifest(json::serialize(cases.at("oneOfEachKind")), "test",
                                    all_kinds().sections());
}

/// One deployment, and what the engine sees of it.
class Deployment {
public:
    Deployment() : world_(all_kinds(), person.target(), person.id, status_)
    {
        person.deploy(everything());
        for (const auto& node :
             desired_graph({everything(), person.artifacts(), person.target(), all_kinds()}))
            if (node.inputs.contains("tags") && !found_by_tags.contains(node.type))
                named.push_back(node);
    }

    State state() const
    {
        const auto object =
            person.client().call(aws::s3::GetObject{.bucket = "nimbus-state", .key = state_key});
        return parse_state(object.body, state_key, person.id, all_kinds()).state;
    }

    /// As a deploy leaves the state that was refused, or killed, when it created the resource.
    Record make_it_an_attempt(const std::string& key)
    {
        auto changed = state();
        auto& record = changed.records.at(key);
        record.status = Record::Status::creating;
        record.is_ours = false;
        write(changed);
        return record;
    }

    void record_output(const std::string& key, std::string_view output, std::string_view value)
    {
        auto changed = state();
        changed.records.at(key).outputs[output] = value;
        write(changed);
    }
    /// As a version left the record that did not know the output.
    void forget_output(const std::string& key, std::string_view output)
    {
        record_output(key, output, "");
    }

    void give_to_another_project(const Node& node)
    {
        auto inputs = resolved(node);
        inputs.at("tags").as_object()["nimbus:project"] = "another";
        const auto subject = subject_of(node);
        const auto& type = all_kinds().type(node.type);
        Reads reads(world_);
        type.update(world_, subject, inputs, type.read(world_, reads, subject).value());
    }

    void delete_by_hand(const Node& node)
    {
        all_kinds().type(node.type).destroy(world_, subject_of(node));
    }

    /// Deletes it, and makes one of that name without tags.
    void let_a_stranger_make_it_again(const Node& node)
    {
        auto subject = subject_of(node);
        subject.nonce = random_uuid();
        if (node.type == "secret")
            person.client().call(aws::secretsmanager::DeleteSecret{
                .secret_id = std::string(subject.outputs.at("arn").as_string()),
                .force_delete_without_recovery = true});
        else
            delete_by_hand(node);
        auto inputs = resolved(node);
        inputs.at("tags").as_object().clear();
        all_kinds().type(node.type).create(world_, subject, inputs);
    }

    /// Whosever it is.
    std::string condition(const Record& record)
    {
        Reads reads(world_);
        try {
            const auto found =
                all_kinds()
                    .type(record.type)
                    .read(world_, reads,
                          {.name = record.name, .is_recorded = true, .outputs = record.outputs});
            return found ? found->condition : "gone";
        } catch (const NotOurs&) {
            return "somebody else's";
        }
    }

    CloudProcess cloud;
    Person person{cloud};
    std::vector<Node> named; ///< what AWS knows by a name that somebody else may use

private:
    void write(const State& state)
    {
        person.client().call(aws::s3::PutObject{
            .bucket = "nimbus-state", .key = state_key, .body = to_json(state, "by hand")});
    }

    json::object resolved(const Node& node) const
    {
        return resolve(node.inputs, [known = state()](auto key, auto output) {
            const auto* record = known.find(std::string(key));
            return record == nullptr ? nullptr : record->outputs.if_contains(output);
        });
    }

    Subject subject_of(const Node& node) const
    {
        const auto known = state();
        return {.name = node.name,
                .is_recorded = true,
                .outputs = known.records.at(node.key()).outputs};
    }

    Status status_;
    World world_;
};

std::size_t count_of_named_types()
{
    return Deployment().named.size();
}

TEST(Ownership, OfSomebodyElsesThingIsNotHadByAnAttempt)
{
    const auto count = count_of_named_types();
    EXPECT_GE(count, 5u);
    for (std::size_t i = 0; i < count; ++i) {
        Deployment deployment;
        auto& person = deployment.person;
        const auto& node = deployment.named[i];
        SCOPED_TRACE(node.key());
        deployment.give_to_another_project(node);
        const auto record = deployment.make_it_an_attempt(node.key());
        const auto before = deployment.condition(record);

        for (const std::string day : {"today", "tomorrow"}) {
            try {
                person.deploy(everything());
                ADD_FAILURE() << day;
            } catch (const NotOurs& error) {
                EXPECT_THAT(error.what(), HasSubstr("belongs to the project another")) << day;
            }
        }
        person.destroy(true);
        EXPECT_EQ(deployment.condition(record), before);
        EXPECT_FALSE(person.destroy(true).existed);
    }
}

/// The stranger's thing has another id, or things of that type have none.
TEST(Ownership, OfWhatAStrangerMadeAgainWithoutTagsIsNotHadByItsName)
{
    const auto count = count_of_named_types();
    for (std::size_t i = 0; i < count; ++i) {
        Deployment deployment;
        auto& person = deployment.person;
        const auto& node = deployment.named[i];
        SCOPED_TRACE(node.key());
        const auto record = deployment.state().records.at(node.key());
        deployment.let_a_stranger_make_it_again(node);

        EXPECT_THROW(person.plan(everything()), NotOurs);
        person.options.prune = true;
        for (const std::string day : {"today", "tomorrow"})
            EXPECT_THROW(person.deploy(everything()), NotOurs) << day;
        try {
            person.destroy(true);
        } catch (const DeployFailed& failure) {
            EXPECT_THAT(failure.what(), HasSubstr("does not carry the tags"));
            EXPECT_THAT(failure.hint(), HasSubstr("delete or rename"));
        }
        EXPECT_NE(deployment.condition(record), "gone");
    }
}

/// Functions and schedule groups have no id that their successors could not have, too.
TEST(Ownership, OfWhatHasLostItsTagsIsProvedByTaggingItAgain)
{
    for (const std::string type : {"function", "schedule-group"}) {
        Deployment deployment;
        auto& person = deployment.person;
        const auto& node = *std::ranges::find(deployment.named, type, &Node::type);
        const auto record = deployment.state().records.at(node.key());
        deployment.let_a_stranger_make_it_again(node);
        EXPECT_THROW(person.destroy(true), DeployFailed) << type;
        EXPECT_TRUE(deployment.state().records.contains(node.key())) << type;

        const aws::Tags tags{{"nimbus:project", "testbed"}, {"nimbus:stage", "dev"}};
        const auto arn = std::string(record.outputs.at("arn").as_string());
        if (type == "function")
            person.client().call(aws::lambda::TagResource{.resource_arn = arn, .tags = tags});
        else
            person.client().call(aws::scheduler::TagResource{.resource_arn = arn, .tags = tags});
        person.destroy(true);
        EXPECT_FALSE(person.destroy(true).existed) << type;
        EXPECT_EQ(deployment.condition(record), "gone") << type;
    }
}

TEST(Ownership, OfARoleThatLostItsTagsIsProvedByItsId)
{
    Deployment deployment;
    auto& person = deployment.person;
    const auto& node = *std::ranges::find(deployment.named, "role", &Node::type);
    const auto name = std::string(node.identity.at("roleName").as_string());
    deployment.let_a_stranger_make_it_again(node);
    const auto untagged = person.client().call(aws::iam::GetRole{.role_name = name}).role;
    deployment.record_output(node.key(), "roleId", untagged.role_id);
    EXPECT_EQ(person.deploy(everything()).changes.updated, 1);
    const auto role = person.client().call(aws::iam::GetRole{.role_name = name}).role;
    EXPECT_EQ(role.tags.at("nimbus:project"), "testbed");
}

/// Its id is learned where its tags prove whose it is.
TEST(Ownership, OfARoleThatAnEarlierVersionRecordedIsProvedByItsTags)
{
    Deployment deployment;
    const auto& node = *std::ranges::find(deployment.named, "role", &Node::type);
    deployment.forget_output(node.key(), "roleId");
    deployment.person.deploy(everything());
    EXPECT_NE(deployment.state().records.at(node.key()).outputs.at("roleId"), json::value(""));

    deployment.forget_output(node.key(), "roleId");
    deployment.let_a_stranger_make_it_again(node);
    EXPECT_THROW(deployment.person.deploy(everything()), LostTags);
    EXPECT_THROW(deployment.person.destroy(true), DeployFailed);
}

TEST(Ownership, OfALogGroupThatAnEarlierVersionRecordedIsProvedByItsTags)
{
    Deployment deployment;
    const auto& node = *std::ranges::find(deployment.named, "log-group", &Node::type);
    EXPECT_TRUE(deployment.state().records.at(node.key()).outputs.contains("created"));
    deployment.forget_output(node.key(), "created");
    deployment.person.deploy(everything());
    EXPECT_NE(deployment.state().records.at(node.key()).outputs.at("created"), json::value(""));
}

/// Of a recorded log group it is asked before it is deleted, for its tags are in a list of its own.
TEST(Ownership, OfWhatIsRecordedEndsWhereItsTagsNameAnotherDeployment)
{
    for (const std::string type : {"function", "role", "schedule-group"}) {
        Deployment deployment;
        auto& person = deployment.person;
        const auto node = std::ranges::find(deployment.named, type, &Node::type);
        ASSERT_NE(node, deployment.named.end()) << type;
        const auto record = deployment.state().records.at(node->key());
        deployment.give_to_another_project(*node);
        EXPECT_THROW(person.plan(everything()), NotOurs) << type;
        EXPECT_THROW(person.deploy(everything()), NotOurs) << type;
        person.destroy(true);
        EXPECT_FALSE(person.destroy(true).existed) << type;
        EXPECT_NE(deployment.condition(record), "gone") << type;
    }
}

TEST(Ownership, OfARecordedLogGroupIsAskedBeforeItIsDeleted)
{
    Deployment deployment;
    const auto node = std::ranges::find(deployment.named, "log-group", &Node::type);
    ASSERT_NE(node, deployment.named.end());
    const auto record = deployment.state().records.at(node->key());
    deployment.give_to_another_project(*node);
    deployment.person.destroy(true);
    EXPECT_NE(deployment.condition(record), "gone");
}

TEST(Ownership, OfWhatAnAttemptMadeIsProvedByItsTags)
{
    const auto count = count_of_named_types();
    for (std::size_t i = 0; i < count; ++i) {
        Deployment deployment;
        auto& person = deployment.person;
        const auto key = deployment.named[i].key();
        SCOPED_TRACE(key);
        const auto record = deployment.make_it_an_attempt(key);
        const auto before = deployment.condition(record);

        EXPECT_EQ(person.deploy(everything()).changes.created, 0);
        EXPECT_TRUE(deployment.state().records.at(key).is_ours);
        deployment.make_it_an_attempt(key);
        person.destroy(true);
        EXPECT_NE(deployment.condition(record), before);
    }
}

TEST(Ownership, OfWhatAnInterruptedDeployDidNotGetToIsShownAsNotCreatedYet)
{
    Deployment deployment;
    const auto node = std::ranges::find(deployment.named, "function", &Node::type);
    ASSERT_NE(node, deployment.named.end());
    deployment.make_it_an_attempt(node->key());
    const auto condition = [&] {
        const auto& person = deployment.person;
        const auto status = deployment_status(all_kinds(), person.target(), person.id).value();
        return std::ranges::find(status.resources, node->key(), &ResourceStatus::resource)->state;
    };
    EXPECT_EQ(condition(), "active, interrupted while creating");
    deployment.delete_by_hand(*node);
    EXPECT_EQ(condition(), "not created yet");
}

} // namespace
} // namespace nimbus::deploy

#include "aws/ops/iam/role_policies.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/secretsmanager/secret_values.h"
#include "aws/ops/secretsmanager/secrets.h"
#include "aws/ops/secretsmanager/tags.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/secret/output.h"
#include "deploy/test_cloud.h"
#include "deploy/test_kill.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::secret {
namespace {

namespace manager = aws::secretsmanager;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

const std::string full = "testbed/dev/stripe-key";

/// One route, whose function uses the secret.
manifest::Manifest with_secret(const std::string& description = "")
{
    auto manifest = Person::application({"GET /ping"});
    manifest.declared.of<Secret>().push_back(
        {.name = "stripe-key", .description = description, .kms_key_id = {}});
    manifest.functions.front().uses = {"stripe-key"};
    return manifest;
}

std::optional<manager::Secret> secret_of(const Person& person)
{
    return person.client().find(manager::DescribeSecret{.secret_id = full});
}

std::vector<std::string> reasons(const PlanSummary& plan)
{
    std::vector<std::string> all;
    for (const auto& step : plan.steps)
        all.insert(all.end(), step.reasons.begin(), step.reasons.end());
    return all;
}

class RememberingStatus : public Status {
public:
    void note(const std::string& sentence) override
    {
        const std::lock_guard lock(mutex_);
        notes.push_back(sentence);
    }
    std::vector<std::string> notes;

private:
    std::mutex mutex_;
};

TEST(SecretPlan, SaysOfANewSecretThatItHasNoValue)
{
    const CloudProcess cloud;
    Person person(cloud);
    const auto steps = person.plan(with_secret()).steps;
    const auto step = std::ranges::find(steps, "secret stripe-key", &PlannedStep::resource);
    ASSERT_NE(step, steps.end());
    EXPECT_THAT(step->notes, ElementsAre("has no value until 'nimbus secret set stripe-key'"));
}

TEST(SecretDeploy, MakesItWithoutAValueAndSaysSo)
{
    const CloudProcess cloud;
    Person person(cloud);
    RememberingStatus status;
    person.options.status = &status;
    const auto result = person.deploy(with_secret("Of the shop"));
    const auto secret = secret_of(person);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->description, "Of the shop");
    EXPECT_FALSE(secret->has_value());
    EXPECT_EQ(secret->tags, (aws::Tags{{"nimbus:project", "testbed"},
                                       {"nimbus:stage", "dev"},
                                       {"nimbus:resource", "secret/stripe-key"}}));
    EXPECT_THAT(status.notes, ElementsAre(HasSubstr("nimbus secret set stripe-key")));
    const auto outputs = result.outputs.of<SecretOutput>(kind_name);
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].arn, secret->arn);
    EXPECT_EQ(outputs[0].secret_name, full);

    person.client().call(manager::PutSecretValue{.secret_id = full, .secret_string = "sk_1"});
    status.notes.clear();
    person.deploy(with_secret("Of the shop"));
    EXPECT_THAT(status.notes, IsEmpty());
}

TEST(SecretDeploy, LetsItsUsersReadItAndTellsThemItsArn)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto manifest = with_secret();
    manifest.functions.push_back(manifest.functions.front());
    manifest.functions.back().name = "other";
    manifest.functions.back().uses = {};
    person.deploy(manifest);
    const auto arn = secret_of(person)->arn;
    const auto environment = [&](const std::string& name) {
        return person.client()
            .call(aws::lambda::GetFunction{.function_name = "testbed-dev-" + name})
            .configuration.environment;
    };
    EXPECT_EQ(environment("GET--ping"),
              (std::map<std::string, std::string>{{"SECRET_STRIPE_KEY_ARN", arn}}));
    EXPECT_THAT(environment("other"), IsEmpty());
    const auto policy = [&](const std::string& role) {
        return person.client()
            .call(aws::iam::GetRolePolicy{.role_name = role, .policy_name = "nimbus"})
            .policy_document;
    };
    EXPECT_THAT(policy("testbed-dev-functions-us-east-1"),
                testing::AllOf(HasSubstr("secretsmanager:GetSecretValue"), HasSubstr(arn)));
    EXPECT_THAT(policy("testbed-dev-functions-without-sql-us-east-1"),
                Not(HasSubstr("secretsmanager")));
}

TEST(SecretDeploy, TakesOverWhatWasSetBefore)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.client().call(manager::CreateSecret{
        .name = full, .tags = tags_of(person.id, "secret", "stripe-key"), .secret_string = "sk_1"});
    person.deploy(with_secret("Of the shop"));
    EXPECT_TRUE(secret_of(person)->has_value());
    EXPECT_EQ(secret_of(person)->description, "Of the shop");
}

TEST(SecretDeploy, LeavesAStrangersSecretAlone)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.client().call(manager::CreateSecret{.name = full, .secret_string = "theirs"});
    try {
        person.deploy(with_secret());
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("The secret " + full + " already exists"));
    }
    EXPECT_THAT(secret_of(person)->tags, IsEmpty());
}

TEST(SecretDeploy, AnAttemptToMakeItIsNoProofThatItIsOurs)
{
    const CloudProcess cloud;
    testing_kill::make_bucket(cloud);
    Person doomed(cloud);
    doomed.options.parallel = 1; // else another step may make it meanwhile
    // After the state says that it is going to be made, and before anything is.
    ASSERT_TRUE(testing_kill::is_killed(3, "before", [&] { doomed.deploy(with_secret()); }));
    Person person(cloud);
    ASSERT_FALSE(secret_of(person));
    person.client().call(manager::CreateSecret{.name = full, .secret_string = "theirs"});
    EXPECT_THROW(person.deploy(with_secret()), Error);
    EXPECT_THAT(secret_of(person)->tags, IsEmpty());
}

TEST(SecretDeploy, OneMadeAnewBySomebodyElseIsNotOurs)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret());
    person.client().call(
        manager::DeleteSecret{.secret_id = full, .force_delete_without_recovery = true});
    person.client().call(manager::CreateSecret{.name = full, .secret_string = "theirs"});
    EXPECT_THROW(person.deploy(with_secret()), Error);
    person.destroy(true);
    EXPECT_FALSE(secret_of(person)->waits_for_deletion());
}

TEST(SecretDeploy, FunctionsThatUseDifferentSecretsNeverShareARole)
{
    const CloudProcess cloud;
    Person person(cloud);
    auto manifest = Person::application({"GET /f1", "GET /f2"});
    for (const std::string name : {"a", "b", "a-b", "zz"})
        manifest.declared.of<Secret>().push_back({.name = name});
    manifest.functions[0].uses = {"a", "b"};
    manifest.functions[1].uses = {"a-b"};
    person.deploy(manifest);
    const auto role = [&](const std::string& name) {
        return person.client()
            .call(aws::lambda::GetFunction{.function_name = "testbed-dev-" + name})
            .configuration.role;
    };
    EXPECT_NE(role("GET--f1"), role("GET--f2"));
}

TEST(SecretDeploy, PutsRightWhatSomebodyChanged)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret("Of the shop"));
    person.client().call(manager::UpdateSecret{.secret_id = full, .description = "something else"});
    person.client().call(
        manager::UntagResource{.secret_id = full, .tag_keys = {"nimbus:resource"}});
    EXPECT_THAT(reasons(person.plan(with_secret("Of the shop"))),
                testing::UnorderedElementsAre("description: something else -> Of the shop",
                                              "tags nimbus:resource: added"));
    EXPECT_EQ(person.deploy(with_secret("Of the shop")).changes.updated, 1);
    EXPECT_EQ(secret_of(person)->description, "Of the shop");
    EXPECT_EQ(person.deploy(with_secret("Of the shop")).changes.updated, 0);
}

TEST(SecretDeploy, RestoresOneThatWaitsForItsDeletion)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret());
    person.client().call(manager::PutSecretValue{.secret_id = full, .secret_string = "sk_1"});
    person.client().call(manager::DeleteSecret{.secret_id = full});
    EXPECT_THAT(reasons(person.plan(with_secret())),
                Contains("state: scheduled for deletion -> available"));
    person.deploy(with_secret());
    EXPECT_FALSE(secret_of(person)->waits_for_deletion());
    EXPECT_EQ(person.client().call(manager::GetSecretValue{.secret_id = full}).secret_string,
              "sk_1");
}

TEST(SecretDeploy, DeletesOneThatIsNoLongerDeclaredOnlyAfterAsking)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret());
    const auto without = Person::application({"GET /ping"});
    EXPECT_TRUE(person.plan(without).loses_data());
    EXPECT_FALSE(deploy::deploy(all_kinds(), person.target(), without, person.artifacts(),
                                person.options, [](const PlanSummary&) { return false; }));
    EXPECT_FALSE(secret_of(person)->waits_for_deletion());
    person.deploy(without);
    EXPECT_TRUE(secret_of(person)->waits_for_deletion());
}

TEST(SecretDeploy, DoesNotAskAboutOneThatIsGoneAlready)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret());
    const auto without = Person::application({"GET /ping"});
    person.client().call(manager::DeleteSecret{.secret_id = full});
    EXPECT_FALSE(person.plan(without).loses_data());
    person.client().call(
        manager::DeleteSecret{.secret_id = full, .force_delete_without_recovery = true});
    EXPECT_FALSE(person.plan(without).loses_data());
    person.deploy(without);
    EXPECT_TRUE(person.plan(without).changes_nothing());
}

TEST(SecretDestroy, KeepsItUnlessForced)
{
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(with_secret());
    const auto kept = person.destroy().kept;
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].resource, "secret " + full);
    EXPECT_FALSE(secret_of(person)->waits_for_deletion());
    person.deploy(with_secret());
    EXPECT_THAT(person.destroy(true).kept, IsEmpty());
    EXPECT_TRUE(secret_of(person)->waits_for_deletion());
    EXPECT_FALSE(outputs(all_kinds(), person.target(), person.id));
}

TEST(SecretDeploy, KilledAtEveryStepIsFinishedByTheNext)
{
    for (const std::string moment : {"before", "after"}) {
        const CloudProcess cloud;
        testing_kill::make_bucket(cloud);
        const auto steps = testing_kill::each_step([&](int step) {
            Person doomed(cloud);
            const bool is_killed = testing_kill::is_killed(
                step, moment, [&] { doomed.deploy(with_secret("Of the shop")); });
            Person person(cloud);
            person.deploy(with_secret("Of the shop"));
            EXPECT_EQ(secret_of(person)->description, "Of the shop") << step << moment;
            EXPECT_TRUE(person.plan(with_secret("Of the shop")).changes_nothing());
            person.destroy(true);
            return is_killed;
        });
        EXPECT_GT(steps, 10);
    }
}

} // namespace
} // namespace nimbus::deploy::secret

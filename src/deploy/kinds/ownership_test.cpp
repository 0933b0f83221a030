#include "aws/ops/iam/role_tags.h"
#include "aws/ops/iam/roles.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/tags.h"
#include "aws/ops/logs/log_groups.h"
#include "aws/ops/s3/objects.h"
#include "aws/ops/scheduler/schedule_groups.h"
#include "aws/ops/scheduler/tags.h"
#include "aws/ops/secretsmanager/secrets.h"
#include "aws/ops/secretsmanager/tags.h"
#include "deploy/kind.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/timer/declaration.h"
#include "deploy/test_cloud.h"

#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::HasSubstr;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

const std::string state_key = "nimbus/testbed/dev/us-east-1/state.json";

/// A type of resource that AWS knows by a name: somebody else's can be in our place.
struct NamedType {
    std::string key; ///< of the application's
    void (*tag)(const aws::Client&, const json::object& outputs, const aws::Tags&);
    bool (*exists)(const aws::Client&, const json::object& outputs);

    friend void PrintTo(const NamedType& type, std::ostream* out) { *out << type.key; }
};

std::string text(const json::object& outputs, const char* member)
{
    return string_or_empty(outputs, member);
}

const std::vector<NamedType>& named_types()
{
    using aws::Client;
    using json::object;
    static const std::vector<NamedType> types{
        {.key = "role functions",
         .tag =
             [](const Client& client, const object& outputs, const aws::Tags& tags) {
                 client.call(
                     aws::iam::TagRole{.role_name = text(outputs, "roleName"), .tags = tags});
             },
         .exists =
             [](const Client& client, const object& outputs) {
                 return client.find(aws::iam::GetRole{.role_name = text(outputs, "roleName")})
                     .has_value();
             }},
        {.key = "function GET--ping",
         .tag =
             [](const Client& client, const object& outputs, const aws::Tags& tags) {
                 client.call(
                     aws::lambda::TagResource{.resource_arn = text(outputs, "arn"), .tags = tags});
             },
         .exists =
             [](const Client& client, const object& outputs) {
                 return client
                     .find(aws::lambda::GetFunction{.function_name = text(outputs, "functionName")})
                     .has_value();
             }},
        {.key = "log-group GET--ping",
         .tag =
             [](const Client& client, const object& outputs, const aws::Tags& tags) {
                 client.call(
                     aws::logs::TagResource{.resource_arn = text(outputs, "arn"), .tags = tags});
             },
         .exists =
             [](const Client& client, const object& outputs) {
                 return !client
                             .call(aws::logs::DescribeLogGroups{.log_group_name_prefix =
                                                                    text(outputs, "logGroup")})
                             .log_groups.empty();
             }},
        {.key = "secret stripe-key",
         .tag =
             [](const Client& client, const object& outputs, const aws::Tags& tags) {
                 client.call(aws::secretsmanager::TagResource{.secret_id = text(outputs, "arn"),
                                                              .tags = tags});
             },
         .exists =
             [](const Client& client, const object& outputs) {
                 const auto secret = client.find(
                     aws::secretsmanager::DescribeSecret{.secret_id = text(outputs, "arn")});
                 return secret && !secret->waits_for_deletion();
             }},
        {.key = "schedule-group timers",
         .tag =
             [](const Client& client, const object& outputs, const aws::Tags& tags) {
                 client.call(aws::scheduler::TagResource{.resource_arn = text(outputs, "arn"),
                                                         .tags = tags});
             },
         .exists =
             [](const Client& client, const object& outputs) {
                 return client
                     .find(aws::scheduler::GetScheduleGroup{.name = text(outputs, "groupName")})
                     .has_value();
             }},
    };
    return types;
}

/// Where nobody else's thing can be: parts of what is proved to be ours, what is found by its tags,
/// and what is below the deployment's own prefix in the bucket. For schemas see test_sharing.py.
const std::set<std::string> types_without_strangers{
    "api",          "integration", "artifact", "cluster", "permission",
    "role-mapping", "route",       "schedule", "schema",  "stage"};

manifest::Manifest everything()
{
    auto manifest = Person::application({"GET /ping"});
    manifest.declared.of<secret::Secret>().push_back(
        {.name = "stripe-key", .description = {}, .kms_key_id = {}});
    manifest.functions.front().uses = {"stripe-key"};
    manifest.declared.of<timer::Timer>().push_back({.name = "cleanup",
                                                    .schedule = "rate(5 minutes)",
                                                    .timezone = "UTC",
                                                    .description = {},
                                                    .flexible_window = {},
                                                    .function = "GET--ping"});
    return manifest;
}

json::object read_state(const Person& person)
{
    const auto object =
        person.client().call(aws::s3::GetObject{.bucket = "nimbus-state", .key = state_key});
    return parse_json(object.body, state_key).as_object();
}

/// As a deploy leaves it that was refused, or killed, when it created the resource.
json::object make_it_an_attempt(const Person& person, const std::string& key)
{
    auto state = read_state(person);
    auto& record = state.at("resources").as_object().at(key).as_object();
    record["status"] = "creating";
    record["owned"] = false;
    person.client().call(
        aws::s3::PutObject{.bucket = "nimbus-state", .key = state_key, .body = pretty_json(state)});
    return record.at("outputs").as_object();
}

TEST(Ownership, IsKnownOfEveryTypeOfResource)
{
    std::set<std::string> known = types_without_strangers;
    for (const auto& type : named_types())
        known.insert(type.key.substr(0, type.key.find(' ')));
    std::set<std::string> all;
    for (const auto& kind : all_kinds())
        for (const auto& type : kind.types)
            all.insert(std::string(type.name));
    EXPECT_EQ(known, all);
}

class OwnershipTest : public testing::TestWithParam<NamedType> {};

TEST_P(OwnershipTest, OfSomebodyElsesThingIsNotHadByAnAttempt)
{
    const auto& type = GetParam();
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(everything());
    const auto outputs = make_it_an_attempt(person, type.key);
    type.tag(person.client(), outputs, {{"nimbus:project", "another"}});

    for (const std::string day : {"today", "tomorrow"}) {
        try {
            person.deploy(everything());
            ADD_FAILURE() << day;
        } catch (const NotOurs& error) {
            EXPECT_THAT(error.what(), HasSubstr("belongs to the project another")) << day;
        }
    }
    person.destroy(true);
    EXPECT_TRUE(type.exists(person.client(), outputs));
    EXPECT_FALSE(person.destroy(true).existed);
}

TEST_P(OwnershipTest, OfWhatAnAttemptMadeIsProvedByItsTags)
{
    const auto& type = GetParam();
    const CloudProcess cloud;
    Person person(cloud);
    person.deploy(everything());
    const auto outputs = make_it_an_attempt(person, type.key);

    EXPECT_EQ(person.deploy(everything()).changes.created, 0);
    EXPECT_TRUE(read_state(person)
                    .at("resources")
                    .as_object()
                    .at(type.key)
                    .as_object()
                    .at("owned")
                    .as_bool());
    make_it_an_attempt(person, type.key);
    person.destroy(true);
    EXPECT_FALSE(type.exists(person.client(), outputs));
}

INSTANTIATE_TEST_SUITE_P(Types, OwnershipTest, testing::ValuesIn(named_types()),
                         [](const auto& parameter) {
                             auto name = parameter.param.key;
                             std::erase_if(name, [](unsigned char c) { return !std::isalnum(c); });
                             return name;
                         });

} // namespace
} // namespace nimbus::deploy

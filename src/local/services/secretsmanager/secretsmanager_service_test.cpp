#include "base/encoding.h"
#include "local/services/secretsmanager/secretsmanager_service.h"
#include "local/services/test_calls.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace testing_calls;

/// Allows everything but what is listed.
class ListedAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return std::nullopt; }
    Decision authorize(const Principal&, const std::string& action, const std::string& resource,
                       const ConditionContext&, const std::string&) override
    {
        const auto question = action + " " + resource;
        const auto denied = std::ranges::any_of(
            denied_, [&](const std::string& one) { return question.starts_with(one); });
        return {.allowed = !denied, .explanation = "not authorized: " + action};
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }

    std::vector<std::string> denied_;
};

/// A token of the length that Secrets Manager wants.
std::string token(const std::string& name)
{
    return name + std::string(32 - name.size(), '-');
}

class SecretsManager : public testing::Test {
protected:
    http::Response call(const std::string& operation, const json::object& input)
    {
        return send_target(service_, operation, compact_json(input));
    }
    json::object answer(const std::string& operation, const json::object& input)
    {
        const auto response = call(operation, input);
        EXPECT_EQ(response.status, 200) << operation << " " << response.body;
        return body_of(response);
    }
    /// "Code: text"
    std::string refusal(const std::string& operation, const json::object& input)
    {
        const auto response = call(operation, input);
        const auto body = body_of(response);
        EXPECT_EQ(response.status, 400) << response.body;
        return string_or_empty(body, "__type") + ": " + string_or_empty(body, "Message") +
               string_or_empty(body, "message");
    }
    json::object create(const std::string& name, const std::string& value = "value")
    {
        return answer(
            "CreateSecret",
            {{"Name", name}, {"SecretString", value}, {"ClientRequestToken", token("first")}});
    }
    json::object put(const std::string& name, const std::string& value, const std::string& version)
    {
        return answer(
            "PutSecretValue",
            {{"SecretId", name}, {"SecretString", value}, {"ClientRequestToken", token(version)}});
    }
    std::string value(const std::string& id, const std::string& stage = stage_current)
    {
        return string_or_empty(
            answer("GetSecretValue", {{"SecretId", id}, {"VersionStage", stage}}), "SecretString");
    }
    std::vector<std::string> names(const json::object& input)
    {
        std::vector<std::string> result;
        const auto listed = answer("ListSecrets", input);
        for (const auto& secret : listed.at("SecretList").as_array())
            result.push_back(string_or_empty(secret.as_object(), "Name"));
        return result;
    }

    TemporaryDirectory directory_;
    sqlite::Database database_{":memory:"};
    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
    SecretStore store_{database_, "123456789012", directory_.path() / "key",
                       [this] { return now_; }};
    ListedAccess access_;
    Service service_ = make_secretsmanager_service(store_, access_);
    const std::string not_found_ =
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
    const std::string deleted_ = "InvalidRequestException: You can't perform this operation on the "
                                 "secret because it was marked for deletion.";
};

TEST_F(SecretsManager, ASecretIsCreatedReadAndDescribed)
{
    const auto created =
        answer("CreateSecret", {{"Name", "shop/dev/key"},
                                {"Description", "For payments"},
                                {"KmsKeyId", "alias/mine"},
                                {"SecretString", "v"},
                                {"Tags", json::array{{{"Key", "k"}, {"Value", "v"}}}},
                                {"ClientRequestToken", token("first")}});
    EXPECT_EQ(string_or_empty(created, "VersionId"), token("first"));
    const auto arn = string_or_empty(created, "ARN");
    EXPECT_EQ(answer("GetSecretValue", {{"SecretId", arn}}),
              (json::object{{"ARN", arn},
                            {"Name", "shop/dev/key"},
                            {"VersionId", token("first")},
                            {"VersionStages", json::array{"AWSCURRENT"}},
                            {"CreatedDate", 1'700'000'000.0},
                            {"SecretString", "v"}}));
    EXPECT_EQ(
        answer("DescribeSecret", {{"SecretId", "shop/dev/key"}}),
        (json::object{{"ARN", arn},
                      {"Name", "shop/dev/key"},
                      {"CreatedDate", 1'700'000'000.0},
                      {"LastChangedDate", 1'700'000'000.0},
                      {"LastAccessedDate", 1'699'920'000.0},
                      {"Description", "For payments"},
                      {"KmsKeyId", "alias/mine"},
                      {"Tags", json::array{{{"Key", "k"}, {"Value", "v"}}}},
                      {"VersionIdsToStages", {{token("first"), json::array{"AWSCURRENT"}}}}}));
}

TEST_F(SecretsManager, ASecretMayHaveNoValueYet)
{
    const auto created =
        answer("CreateSecret", {{"Name", "key"}, {"ClientRequestToken", token("first")}});
    EXPECT_FALSE(created.contains("VersionId"));
    EXPECT_FALSE(answer("DescribeSecret", {{"SecretId", "key"}}).contains("VersionIdsToStages"));
    EXPECT_EQ(refusal("GetSecretValue", {{"SecretId", "key"}}),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value "
              "for staging label: AWSCURRENT");
    put("key", "value", "second");
    EXPECT_EQ(value("key"), "value");
}

TEST_F(SecretsManager, BinaryValuesAreGivenBackByteForByte)
{
    const auto bytes = base64_encode(std::string("\0\xff\x80", 3));
    answer("CreateSecret",
           {{"Name", "key"}, {"SecretBinary", bytes}, {"ClientRequestToken", token("first")}});
    const auto read = answer("GetSecretValue", {{"SecretId", "key"}});
    EXPECT_EQ(string_or_empty(read, "SecretBinary"), bytes);
    EXPECT_FALSE(read.contains("SecretString"));
}

TEST_F(SecretsManager, ANewValueMakesTheOldOnePrevious)
{
    create("key", "one");
    const auto put_answer = put("key", "two", "second");
    EXPECT_EQ(put_answer.at("VersionStages"), (json::array{"AWSCURRENT"}));
    EXPECT_EQ(value("key"), "two");
    EXPECT_EQ(value("key", "AWSPREVIOUS"), "one");
    EXPECT_EQ(string_or_empty(
                  answer("GetSecretValue", {{"SecretId", "key"}, {"VersionId", token("first")}}),
                  "SecretString"),
              "one");
}

TEST_F(SecretsManager, ARequestThatIsSentAgainMeetsItself)
{
    const auto created = create("key", "one");
    EXPECT_EQ(create("key", "one"), created);
    const auto changed = put("key", "two", "second");
    EXPECT_EQ(put("key", "two", "second"), changed);
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"},
                                         {"SecretString", "three"},
                                         {"ClientRequestToken", token("second")}}),
              "ResourceExistsException: You can't use ClientRequestToken " + token("second") +
                  " because that value is already in use for a version of secret " +
                  string_or_empty(created, "ARN") + ".");
    EXPECT_EQ(refusal("CreateSecret", {{"Name", "key"},
                                       {"SecretString", "one"},
                                       {"ClientRequestToken", token("another")}}),
              "ResourceExistsException: The operation failed because the secret key already "
              "exists.");
}

TEST_F(SecretsManager, WritesNeedATokenAsAwsDoes)
{
    const std::string words = "InvalidRequestException: You must provide a ClientRequestToken "
                              "value. We recommend a UUID-type value.";
    EXPECT_EQ(refusal("CreateSecret", {{"Name", "key"}}), words);
    create("key");
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"}, {"SecretString", "v"}}), words);
    EXPECT_EQ(refusal("UpdateSecret", {{"SecretId", "key"}}), words);
    EXPECT_EQ(refusal("CreateSecret", {{"Name", "other"}, {"ClientRequestToken", "short"}}),
              "InvalidParameterException: ClientRequestToken must be 32-64 characters long.");
}

TEST_F(SecretsManager, UpdateChangesWhatItIsGiven)
{
    create("key");
    EXPECT_FALSE(answer("UpdateSecret", {{"SecretId", "key"},
                                         {"Description", "new"},
                                         {"ClientRequestToken", token("second")}})
                     .contains("VersionId"));
    EXPECT_EQ(value("key"), "value");
    EXPECT_EQ(string_or_empty(answer("UpdateSecret", {{"SecretId", "key"},
                                                      {"SecretString", "two"},
                                                      {"ClientRequestToken", token("third")}}),
                              "VersionId"),
              token("third"));
    EXPECT_EQ(answer("DescribeSecret", {{"SecretId", "key"}}).at("Description"), "new");
    EXPECT_EQ(value("key"), "two");
}

TEST_F(SecretsManager, AVersionAndAStageThatDoNotBelongTogetherAreRefused)
{
    create("key");
    EXPECT_EQ(refusal("GetSecretValue", {{"SecretId", "key"},
                                         {"VersionId", token("first")},
                                         {"VersionStage", "AWSPREVIOUS"}}),
              "InvalidRequestException: You provided a VersionStage that is not associated to the "
              "provided VersionId.");
    EXPECT_EQ(refusal("GetSecretValue", {{"SecretId", "key"}, {"VersionId", token("other")}}),
              "ResourceNotFoundException: Secrets Manager can't find the specified secret value "
              "for VersionId: " +
                  token("other"));
}

TEST_F(SecretsManager, StagesAreMovedFromOneVersionToAnother)
{
    create("key", "one");
    put("key", "two", "second");
    EXPECT_EQ(refusal("UpdateSecretVersionStage", {{"SecretId", "key"},
                                                   {"VersionStage", "AWSCURRENT"},
                                                   {"MoveToVersionId", token("first")}}),
              "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. "
              "Staging label AWSCURRENT is currently attached to version " +
                  token("second") +
                  ", so you must explicitly reference that version in RemoveFromVersionId.");
    answer("UpdateSecretVersionStage", {{"SecretId", "key"},
                                        {"VersionStage", "AWSCURRENT"},
                                        {"MoveToVersionId", token("first")},
                                        {"RemoveFromVersionId", token("second")}});
    EXPECT_EQ(value("key"), "one");
    EXPECT_EQ(value("key", "AWSPREVIOUS"), "two");
    EXPECT_EQ(refusal("UpdateSecretVersionStage", {{"SecretId", "key"},
                                                   {"VersionStage", "AWSCURRENT"},
                                                   {"RemoveFromVersionId", token("first")}}),
              "InvalidParameterException: You can only move staging label AWSCURRENT to a "
              "different secret version. It can’t be completely removed.");
    answer("UpdateSecretVersionStage",
           {{"SecretId", "key"}, {"VersionStage", "blue"}, {"MoveToVersionId", token("second")}});
    EXPECT_EQ(value("key", "blue"), "two");
    answer(
        "UpdateSecretVersionStage",
        {{"SecretId", "key"}, {"VersionStage", "blue"}, {"RemoveFromVersionId", token("second")}});
    EXPECT_EQ(refusal("UpdateSecretVersionStage", {{"SecretId", "key"},
                                                   {"VersionStage", "blue"},
                                                   {"RemoveFromVersionId", token("second")}}),
              "InvalidParameterException: Version stage blue not found in version " +
                  token("second"));
}

TEST_F(SecretsManager, ASecretHasAtMostTwentyStages)
{
    create("key");
    json::array stages;
    for (int i = 0; i < 20; ++i)
        stages.push_back(json::string("stage" + std::to_string(i)));
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"},
                                         {"SecretString", "v"},
                                         {"VersionStages", stages},
                                         {"ClientRequestToken", token("second")}}),
              "LimitExceededException: You exceeded the maximum number of staging labels allowed "
              "on a secret.");
    EXPECT_EQ(value("key"), "value");
}

TEST_F(SecretsManager, VersionsAreListedInPagesAndDeprecatedOnesWhenAskedFor)
{
    create("key");
    for (const auto* version : {"second", "third"})
        put("key", version, version);
    const auto first = answer("ListSecretVersionIds", {{"SecretId", "key"}, {"MaxResults", 1}});
    EXPECT_EQ(first.at("Versions").at(0),
              (json::object{{"VersionId", token("second")},
                            {"CreatedDate", 1'700'000'000.0},
                            {"KmsKeyIds", json::array{"DefaultEncryptionKey"}},
                            {"VersionStages", json::array{"AWSPREVIOUS"}}}));
    const auto rest =
        answer("ListSecretVersionIds", {{"SecretId", "key"}, {"NextToken", first.at("NextToken")}});
    EXPECT_EQ(rest.at("Versions").at(0).at("VersionId"), json::value(token("third")));
    EXPECT_FALSE(rest.contains("NextToken"));
    EXPECT_EQ(answer("ListSecretVersionIds", {{"SecretId", "key"}, {"IncludeDeprecated", true}})
                  .at("Versions")
                  .as_array()
                  .size(),
              3U);
    EXPECT_EQ(refusal("ListSecretVersionIds", {{"SecretId", "key"}, {"NextToken", "x"}}),
              "InvalidNextTokenException: The NextToken value is invalid.");
}

TEST_F(SecretsManager, ADeletedSecretWaitsForItsDateAndIsRestored)
{
    create("key");
    EXPECT_EQ(answer("DeleteSecret", {{"SecretId", "key"}}).at("DeletionDate"),
              1'700'000'000.0 + 30 * 86'400);
    EXPECT_EQ(refusal("GetSecretValue", {{"SecretId", "key"}}), deleted_);
    EXPECT_EQ(refusal("DeleteSecret", {{"SecretId", "key"}}), deleted_);
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"},
                                         {"SecretString", "v"},
                                         {"ClientRequestToken", token("second")}}),
              deleted_);
    EXPECT_EQ(refusal("TagResource", {{"SecretId", "key"}, {"Tags", json::array{}}}), deleted_);
    EXPECT_EQ(refusal("CreateSecret", {{"Name", "key"}, {"ClientRequestToken", token("second")}}),
              "InvalidRequestException: You can't create this secret because a secret with this "
              "name is already scheduled for deletion.");
    EXPECT_TRUE(answer("DescribeSecret", {{"SecretId", "key"}}).contains("DeletedDate"));
    answer("RestoreSecret", {{"SecretId", "key"}});
    EXPECT_EQ(value("key"), "value");
    EXPECT_FALSE(answer("DescribeSecret", {{"SecretId", "key"}}).contains("DeletedDate"));
}

TEST_F(SecretsManager, ASecretIsGoneAtTheEndOfItsWindow)
{
    create("key");
    answer("DeleteSecret", {{"SecretId", "key"}, {"RecoveryWindowInDays", 7}});
    now_ += std::chrono::days(7);
    EXPECT_EQ(refusal("RestoreSecret", {{"SecretId", "key"}}), not_found_);
    const auto again = create("key", "new");
    EXPECT_EQ(value(string_or_empty(again, "ARN")), "new");
}

TEST_F(SecretsManager, TheWindowHasSevenToThirtyDays)
{
    create("key");
    for (const auto days : {6, 31, 0, -1})
        EXPECT_EQ(refusal("DeleteSecret", {{"SecretId", "key"}, {"RecoveryWindowInDays", days}}),
                  "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and "
                  "30 days (inclusive).");
    EXPECT_EQ(refusal("DeleteSecret", {{"SecretId", "key"},
                                       {"RecoveryWindowInDays", 7},
                                       {"ForceDeleteWithoutRecovery", true}}),
              "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction "
              "with RecoveryWindowInDays.");
}

TEST_F(SecretsManager, DeletedByForceASecretIsGoneAtOnce)
{
    const auto old = create("key");
    answer("DeleteSecret", {{"SecretId", "key"}});
    answer("DeleteSecret", {{"SecretId", "key"}, {"ForceDeleteWithoutRecovery", true}});
    EXPECT_EQ(refusal("DescribeSecret", {{"SecretId", "key"}}), not_found_);
    EXPECT_EQ(answer("DeleteSecret", {{"SecretId", "key"}, {"ForceDeleteWithoutRecovery", true}})
                  .at("Name"),
              "key");
    EXPECT_NE(create("key").at("ARN"), old.at("ARN"));
}

TEST_F(SecretsManager, BadInputIsNamedAndTheValueIsNot)
{
    const std::string bad_name =
        "ValidationException: Invalid name. Must be a valid name containing alphanumeric "
        "characters, or any of the following: -/_+=.@!";
    for (const auto* name : {"a b", "a*", "a:b", "ä"}) {
        EXPECT_EQ(refusal("CreateSecret", {{"Name", name}, {"ClientRequestToken", token("t")}}),
                  bad_name);
        EXPECT_EQ(refusal("GetSecretValue", {{"SecretId", name}}), bad_name);
    }
    const auto create_with = [&](const char* member, const json::value& value) {
        json::object input{{"Name", "key"}, {"ClientRequestToken", token("t")}};
        input[member] = value;
        return refusal("CreateSecret", input);
    };
    const auto too_long = [](const std::string& member, int most) {
        return "ValidationException: 1 validation error detected: Value at '" + member +
               "' failed to satisfy constraint: Member must have length less than or equal to " +
               std::to_string(most);
    };
    EXPECT_EQ(create_with("Name", json::string(513, 'a')), too_long("name", 512));
    EXPECT_EQ(create_with("SecretString", json::string(65'537, 's')),
              too_long("secretString", 65'536));
    EXPECT_EQ(create_with("Description", json::string(2049, 'd')), too_long("description", 2048));
    EXPECT_EQ(create_with("SecretBinary", "not base64!"),
              "SerializationException: SecretBinary is not base64.");
    EXPECT_EQ(create_with("AddReplicaRegions", json::array{}),
              "InvalidParameterException: The local cloud does not replicate secrets: leave out "
              "AddReplicaRegions.");
    EXPECT_EQ(refusal("GetSecretValue", {}),
              "ValidationException: 1 validation error detected: Value null at 'secretId' failed "
              "to satisfy constraint: Member must not be null");
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"}, {"ClientRequestToken", token("t")}}),
              "InvalidRequestException: You must provide either SecretString or SecretBinary.");
    EXPECT_EQ(refusal("PutSecretValue", {{"SecretId", "key"},
                                         {"SecretString", "a"},
                                         {"SecretBinary", "YQ=="},
                                         {"ClientRequestToken", token("t")}}),
              "InvalidParameterException: You can't specify both a binary secret value and a "
              "string secret value in the same secret.");
}

TEST_F(SecretsManager, TheLargestValueFits)
{
    create("key", std::string(65'536, 'v'));
    EXPECT_EQ(value("key").size(), 65'536U);
}

TEST_F(SecretsManager, TagsAreAddedReplacedAndRemoved)
{
    create("key");
    answer("TagResource",
           {{"SecretId", "key"},
            {"Tags", json::array{{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", "1"}}}}});
    answer("TagResource",
           {{"SecretId", "key"}, {"Tags", json::array{{{"Key", "a"}, {"Value", "2"}}}}});
    answer("UntagResource", {{"SecretId", "key"}, {"TagKeys", json::array{"b", "c"}}});
    EXPECT_EQ(answer("DescribeSecret", {{"SecretId", "key"}}).at("Tags"),
              (json::array{{{"Key", "a"}, {"Value", "2"}}}));
    json::array many;
    for (int i = 0; i < 50; ++i)
        many.push_back({{"Key", "t" + std::to_string(i)}, {"Value", ""}});
    EXPECT_EQ(refusal("TagResource", {{"SecretId", "key"}, {"Tags", many}}),
              "InvalidParameterException: A secret has at most 50 tags.");
    EXPECT_EQ(
        refusal("TagResource", {{"SecretId", "key"}, {"Tags", json::array{{{"Key", "aws:x"}}}}}),
        "InvalidParameterException: Tag keys that start with aws: are reserved for AWS.");
}

TEST_F(SecretsManager, ListsAreFilteredSortedAndPaged)
{
    for (const auto* name : {"shop/b", "shop/a", "other"}) {
        create(name);
        now_ += std::chrono::seconds(1);
    }
    answer("DeleteSecret", {{"SecretId", "other"}});
    EXPECT_EQ(names({}), (std::vector<std::string>{"shop/b", "shop/a"}));
    EXPECT_EQ(names({{"SortBy", "name"}, {"SortOrder", "desc"}, {"IncludePlannedDeletion", true}}),
              (std::vector<std::string>{"shop/b", "shop/a", "other"}));
    EXPECT_EQ(
        names({{"Filters", json::array{{{"Key", "name"}, {"Values", json::array{"shop/a"}}}}}}),
        std::vector<std::string>{"shop/a"});
    const auto first = answer("ListSecrets", {{"MaxResults", 1}});
    EXPECT_EQ(names({{"NextToken", first.at("NextToken")}}), std::vector<std::string>{"shop/a"});
    EXPECT_EQ(
        refusal("ListSecrets",
                {{"Filters", json::array{{{"Key", "colour"}, {"Values", json::array{"x"}}}}}}),
        "ValidationException: 1 validation error detected: Value 'colour' at "
        "'filters.1.member.key' failed to satisfy constraint: Member must satisfy enum value "
        "set: [all, name, tag-key, description, tag-value, primary-region, owning-service]");
}

TEST_F(SecretsManager, ABatchReadsWhatItMayAndNamesTheRest)
{
    create("a", "1");
    const auto denied = create("b", "2");
    access_.denied_ = {"secretsmanager:GetSecretValue " + string_or_empty(denied, "ARN")};
    const auto batch =
        answer("BatchGetSecretValue", {{"SecretIdList", json::array{"a", "b", "c"}}});
    EXPECT_EQ(batch.at("SecretValues").as_array().size(), 1U);
    EXPECT_EQ(batch.at("SecretValues").at(0).at("SecretString"), "1");
    EXPECT_EQ(batch.at("Errors"),
              (json::array{{{"SecretId", "b"},
                            {"ErrorCode", "AccessDeniedException"},
                            {"Message", "not authorized: secretsmanager:GetSecretValue"}},
                           {{"SecretId", "c"},
                            {"ErrorCode", "ResourceNotFoundException"},
                            {"Message", "Secrets Manager can't find the specified secret."}}}));
    EXPECT_EQ(answer("BatchGetSecretValue",
                     {{"Filters", json::array{{{"Key", "name"}, {"Values", json::array{"a"}}}}}})
                  .at("SecretValues")
                  .at(0)
                  .at("Name"),
              "a");
    EXPECT_EQ(refusal("BatchGetSecretValue", {}),
              "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but "
              "not both.");
}

TEST_F(SecretsManager, TagsAtCreationNeedTheirOwnPermission)
{
    access_.denied_ = {"secretsmanager:TagResource"};
    EXPECT_EQ(refusal("CreateSecret", {{"Name", "key"},
                                       {"Tags", json::array{{{"Key", "k"}, {"Value", "v"}}}},
                                       {"ClientRequestToken", token("first")}}),
              "AccessDeniedException: not authorized: secretsmanager:TagResource");
    create("key");
}

TEST_F(SecretsManager, WhoNamesAKeyNeedsItsPermissions)
{
    const std::string key = "1234abcd-12ab-34cd-56ef-1234567890ab";
    const auto arn = "arn:aws:kms:us-east-1:123456789012:key/" + key;
    const json::object wanted{
        {"Name", "key"}, {"KmsKeyId", key}, {"ClientRequestToken", token("first")}};
    access_.denied_ = {"kms:Decrypt " + arn};
    EXPECT_EQ(refusal("CreateSecret", wanted),
              "AccessDeniedException: not authorized: kms:Decrypt");
    access_.denied_ = {"kms:Encrypt " + arn};
    answer("CreateSecret", wanted);
    EXPECT_EQ(
        refusal("UpdateSecret",
                {{"SecretId", "key"}, {"KmsKeyId", arn}, {"ClientRequestToken", token("second")}}),
        "AccessDeniedException: not authorized: kms:Encrypt");
    answer("UpdateSecret", {{"SecretId", "key"},
                            {"Description", "the key stays"},
                            {"ClientRequestToken", token("third")}});
}

TEST_F(SecretsManager, PasswordsAreMadeOfWhatIsAskedFor)
{
    const auto password = [&](const json::object& input) {
        return string_or_empty(answer("GetRandomPassword", input), "RandomPassword");
    };
    const auto has = [](const std::string& text, int (*is_kind)(int)) {
        return std::ranges::any_of(text, is_kind);
    };
    const auto full = password({});
    EXPECT_EQ(full.size(), 32U);
    for (const auto kind : {&::islower, &::isupper, &::isdigit, &::ispunct})
        EXPECT_TRUE(has(full, kind)) << full;
    EXPECT_NE(password({}), full);
    const auto digits = password({{"PasswordLength", 100},
                                  {"ExcludeLowercase", true},
                                  {"ExcludeUppercase", true},
                                  {"ExcludePunctuation", true},
                                  {"ExcludeCharacters", "019"}});
    EXPECT_EQ(digits.find_first_not_of("2345678"), std::string::npos) << digits;
    EXPECT_EQ(refusal("GetRandomPassword", {{"PasswordLength", 3}}),
              "InvalidParameterException: Password length is too short based on the required "
              "types.");
    EXPECT_EQ(password({{"PasswordLength", 3}, {"RequireEachIncludedType", false}}).size(), 3U);
}

TEST_F(SecretsManager, WhatIsNotHereIsRefusedByName)
{
    create("key");
    EXPECT_FALSE(answer("GetResourcePolicy", {{"SecretId", "key"}}).contains("ResourcePolicy"));
    EXPECT_EQ(refusal("PutResourcePolicy", {{"SecretId", "key"}, {"ResourcePolicy", "{}"}}),
              "InvalidRequestException: The local cloud does not have resource policies of "
              "secrets: allow access in the policies of users and roles.");
    EXPECT_EQ(refusal("RotateSecret", {{"SecretId", "key"}}),
              "InvalidRequestException: The local cloud does not rotate secrets.");
    EXPECT_EQ(refusal("ReplicateSecretToRegions", {{"SecretId", "key"}}),
              "InvalidRequestException: The local cloud does not replicate secrets.");
}

} // namespace
} // namespace nimbus::local

#include "base/error.h"
#include "local/iam/evaluate.h"

#include <gtest/gtest.h>

namespace nimbus::local::iam {
namespace {

const Principal ana{.kind = Principal::Kind::user,
                    .account_id = "123456789012",
                    .arn = "arn:aws:iam::123456789012:user/ana",
                    .identity_arn = "arn:aws:iam::123456789012:user/ana",
                    .unique_id = "AIDAANA",
                    .user_id = "AIDAANA"};

Verdict ask(const std::string& statements, const std::string& action, const std::string& resource,
            const ConditionContext& context = {})
{
    const auto policy = parse_policy(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}",
                                     PolicyUse::identity);
    return evaluate_identity({policy}, {ana, action, resource, context});
}

struct Case {
    const char* name;
    const char* statements;
    const char* action;
    const char* resource;
    Verdict expected;
};

class Evaluation : public testing::TestWithParam<Case> {};

TEST_P(Evaluation, SaysWhatIamSays)
{
    const auto& one = GetParam();
    EXPECT_EQ(ask(one.statements, one.action, one.resource), one.expected);
}

constexpr auto allow_get = R"({"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"})";

INSTANTIATE_TEST_SUITE_P(
    Identity, Evaluation,
    testing::Values(
        Case{"wildcard", allow_get, "s3:GetObject", "arn:aws:s3:::b/k/1", Verdict::allow},
        Case{"actionCase", allow_get, "S3:getobject", "arn:aws:s3:::b/k", Verdict::allow},
        Case{"otherAction", allow_get, "s3:PutObject", "arn:aws:s3:::b/k", Verdict::silent},
        Case{"otherResource", allow_get, "s3:GetObject", "arn:aws:s3:::c/k", Verdict::silent},
        Case{"resourceCase", allow_get, "s3:GetObject", "arn:aws:s3:::B/k", Verdict::silent},
        Case{"denyWins",
             R"({"Effect":"Allow","Action":"*","Resource":"*"},
                {"Effect":"Deny","Action":"dsql:DbConnectAdmin","Resource":"*"})",
             "dsql:DbConnectAdmin", "arn:aws:dsql:r:1:cluster/x", Verdict::deny},
        Case{"notAction", R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})",
             "s3:GetObject", "arn:aws:s3:::b/k", Verdict::allow},
        Case{"notActionHit", R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})",
             "iam:GetRole", "arn:aws:iam::1:role/r", Verdict::silent},
        Case{"notResource", R"({"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/*"})",
             "s3:GetObject", "arn:aws:s3:::c/k", Verdict::deny},
        Case{"variable",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"})",
             "s3:GetObject", "arn:aws:s3:::b/ana/k", Verdict::allow},
        Case{"variableOfOthers",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"})",
             "s3:GetObject", "arn:aws:s3:::b/eve/k", Verdict::silent},
        Case{"variableWithDefault",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${k:x, 'all'}/*"})",
             "s3:GetObject", "arn:aws:s3:::b/all/k", Verdict::allow},
        Case{"starOfAVariable",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b${*}/*"})",
             "s3:GetObject", "arn:aws:s3:::b*/k", Verdict::allow},
        Case{"starOfAVariableIsNoWildcard",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b${*}/*"})",
             "s3:GetObject", "arn:aws:s3:::bx/k", Verdict::silent},
        Case{"starOfAVariableInACondition",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"*",
                 "Condition":{"StringLike":{"aws:username":"a${*}"}}})",
             "s3:GetObject", "arn:aws:s3:::b/k", Verdict::silent},
        Case{"variableInACondition",
             R"({"Effect":"Allow","Action":"s3:*","Resource":"*",
                 "Condition":{"StringEquals":{"aws:username":"${aws:username}"}}})",
             "s3:GetObject", "arn:aws:s3:::b/k", Verdict::allow}),
    [](const auto& one) { return std::string(one.param.name); });

struct ConditionCase {
    const char* name;
    Condition condition;
    ConditionContext context;
    bool holds;
};

class Conditions : public testing::TestWithParam<ConditionCase> {};

TEST_P(Conditions, HoldOrNot)
{
    const auto& one = GetParam();
    std::vector<Pattern> values;
    for (const auto& value : one.condition.values)
        values.emplace_back(value);
    EXPECT_EQ(condition_holds(one.condition, values, one.context), one.holds);
}

Condition in_set(Condition::Set set, std::vector<std::string> values)
{
    return {.test = "StringEquals", .set = set, .key = "k", .values = std::move(values)};
}

Condition test(std::string operation, std::string key, std::vector<std::string> values,
               bool if_exists = false)
{
    return {.test = std::move(operation),
            .if_exists = if_exists,
            .key = std::move(key),
            .values = std::move(values)};
}

INSTANTIATE_TEST_SUITE_P(
    Operators, Conditions,
    testing::Values(
        ConditionCase{"equals", test("StringEquals", "k", {"a", "b"}), {{"K", "b"}}, true},
        ConditionCase{"equalsOther", test("StringEquals", "k", {"a"}), {{"k", "A"}}, false},
        ConditionCase{"equalsMissing", test("StringEquals", "k", {"a"}), {}, false},
        ConditionCase{"ifExistsMissing", test("StringEquals", "k", {"a"}, true), {}, true},
        ConditionCase{"ifExistsOther", test("StringEquals", "k", {"a"}, true), {{"k", "b"}}, false},
        ConditionCase{"notEquals", test("StringNotEquals", "k", {"a", "b"}), {{"k", "c"}}, true},
        ConditionCase{
            "notEqualsHit", test("StringNotEquals", "k", {"a", "b"}), {{"k", "b"}}, false},
        ConditionCase{"notEqualsMissing", test("StringNotEquals", "k", {"a"}), {}, true},
        ConditionCase{"like", test("StringLike", "k", {"a*c"}), {{"k", "abbc"}}, true},
        ConditionCase{"arn",
                      test("ArnLike", "k", {"arn:aws:execute-api:*:1:abc/*/GET/x"}),
                      {{"k", "arn:aws:execute-api:eu-west-1:1:abc/dev/GET/x"}},
                      true},
        ConditionCase{"arnStaysInItsPart",
                      test("ArnLike", "k", {"arn:aws:*:1:abc"}),
                      {{"k", "arn:aws:s3:eu:1:abc"}},
                      false},
        ConditionCase{"bool", test("Bool", "k", {"true"}), {{"k", "TRUE"}}, true},
        ConditionCase{"numeric", test("NumericLessThan", "k", {"10"}), {{"k", "9"}}, true},
        ConditionCase{"numericNot", test("NumericNotEquals", "k", {"10"}), {{"k", "10.0"}}, false},
        ConditionCase{"numericGarbage", test("NumericEquals", "k", {"x"}), {{"k", "x"}}, false},
        ConditionCase{"date",
                      test("DateGreaterThan", "k", {"2024-01-01T00:00:00Z"}),
                      {{"k", "2024-06-01T00:00:00Z"}},
                      true},
        ConditionCase{"ip", test("IpAddress", "k", {"10.0.0.0/8"}), {{"k", "10.1.2.3"}}, true},
        ConditionCase{
            "ipOutside", test("IpAddress", "k", {"10.0.0.0/8"}), {{"k", "11.1.2.3"}}, false},
        ConditionCase{
            "notIp", test("NotIpAddress", "k", {"10.0.0.0/8"}), {{"k", "11.1.2.3"}}, true},
        ConditionCase{"allOfSeveral",
                      in_set(Condition::Set::for_all_values, {"a", "b"}),
                      {{"k", "a\nb"}},
                      true},
        ConditionCase{"notAllOfSeveral",
                      in_set(Condition::Set::for_all_values, {"a", "b"}),
                      {{"k", "a\nc"}},
                      false},
        ConditionCase{
            "anyOfSeveral", in_set(Condition::Set::for_any_value, {"a"}), {{"k", "c\na"}}, true},
        ConditionCase{"notAnyOfSeveral",
                      in_set(Condition::Set::for_any_value, {"a"}),
                      {{"k", "c\nd"}},
                      false},
        ConditionCase{"nullMissing", test("Null", "k", {"true"}), {}, true},
        ConditionCase{"nullPresent", test("Null", "k", {"true"}), {{"k", "v"}}, false},
        ConditionCase{"notNull", test("Null", "k", {"false"}), {{"k", "v"}}, true}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Variables, AreTextInPoliciesOfAnotherVersion)
{
    for (const auto* version : {"", R"("Version":"2008-10-17",)"}) {
        const auto policy = parse_policy(std::string("{") + version +
                                             R"("Statement":{"Effect":"Allow","Action":"s3:*",)"
                                             R"("Resource":"arn:aws:s3:::b/${aws:username}"}})",
                                         PolicyUse::identity);
        EXPECT_EQ(evaluate_identity({policy}, {ana, "s3:GetObject", "arn:aws:s3:::b/ana", {}}),
                  Verdict::silent);
        EXPECT_EQ(evaluate_identity({policy},
                                    {ana, "s3:GetObject", "arn:aws:s3:::b/${aws:username}", {}}),
                  Verdict::allow);
    }
}

TEST(Variables, StandForTheirValuesToTheLetter)
{
    const auto policy =
        R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${k:team}/*"})";
    EXPECT_EQ(ask(policy, "s3:GetObject", "arn:aws:s3:::b/others/x", {{"k:team", "*"}}),
              Verdict::silent);
    EXPECT_EQ(ask(policy, "s3:GetObject", "arn:aws:s3:::b/*/x", {{"k:team", "*"}}), Verdict::allow);
}

TEST(ResourcePolicy, AppliesToThePrincipalsItNames)
{
    const auto policy = parse_policy(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",
            "Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",
            "Resource":"arn:aws:lambda:r:1:function:f",
            "Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:r:1:api/*/GET/info"}}}})",
        PolicyUse::resource);
    Question question{
        .principal = {.kind = Principal::Kind::service, .arn = "apigateway.amazonaws.com"},
        .action = "lambda:InvokeFunction",
        .resource = "arn:aws:lambda:r:1:function:f",
        .context = {{"aws:SourceArn", "arn:aws:execute-api:r:1:api/dev/GET/info"}}};
    EXPECT_EQ(evaluate_resource(policy, question), Verdict::allow);
    question.context["aws:SourceArn"] = "arn:aws:execute-api:r:1:api/dev/POST/info";
    EXPECT_EQ(evaluate_resource(policy, question), Verdict::silent);
    question.principal = ana;
    EXPECT_EQ(evaluate_resource(policy, question), Verdict::silent);
}

TEST(TrustPolicy, NamesAccountsUsersAndServices)
{
    const auto trusts = [](const std::string& principal) {
        return evaluate_trust(
            parse_policy(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                               "Action":"sts:AssumeRole","Principal":)" +
                             principal + "}]}",
                         PolicyUse::trust),
            {ana, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r", {}});
    };
    EXPECT_EQ(trusts(R"("*")"), Verdict::allow);
    EXPECT_EQ(trusts(R"({"AWS":"123456789012"})"), Verdict::allow);
    EXPECT_EQ(trusts(R"({"AWS":"arn:aws:iam::123456789012:user/ana"})"), Verdict::allow);
    EXPECT_EQ(trusts(R"({"AWS":"arn:aws:iam::123456789012:user/eve"})"), Verdict::silent);
    EXPECT_EQ(trusts(R"({"Service":"lambda.amazonaws.com"})"), Verdict::silent);
}

TEST(PolicyDocument, RefusesWhatIamRefuses)
{
    const auto refused = [](const char* text, PolicyUse use) {
        EXPECT_THROW(parse_policy(text, use), Error) << text;
    };
    refused("{", PolicyUse::identity);
    refused(R"({"Version":"2011-01-01","Statement":[]})", PolicyUse::identity);
    refused(R"({"Version":"2012-10-17"})", PolicyUse::identity);
    refused(R"({"Statement":{"Effect":"Deny","Effect":"Allow","Action":"s3:*","Resource":"*"}})",
            PolicyUse::identity);
    refused(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
                "Condition":{"StringEquals":{"a":"b","\u0061":"c"}}}})",
            PolicyUse::identity);
    const auto statement = [&](const std::string& body, PolicyUse use) {
        refused((R"({"Version":"2012-10-17","Statement":[{)" + body + "}]}").c_str(), use);
    };
    statement(R"("Action":"s3:*","Resource":"*")", PolicyUse::identity);
    statement(R"("Effect":"allow","Action":"s3:*","Resource":"*")", PolicyUse::identity);
    statement(R"("Effect":"Allow","Action":"everything","Resource":"*")", PolicyUse::identity);
    statement(R"("Effect":"Allow","Action":"s3:*")", PolicyUse::identity);
    statement(R"("Effect":"Allow","Action":"s3:*","Resource":"bucket")", PolicyUse::identity);
    statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*")",
              PolicyUse::identity);
    statement(R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*")",
              PolicyUse::trust);
    statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Alike":{"a":"b"}})",
              PolicyUse::identity);
}

} // namespace
} // namespace nimbus::local::iam

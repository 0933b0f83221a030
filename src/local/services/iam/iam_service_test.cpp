#include "base/encoding.h"
#include "local/services/iam/iam_service.h"
#include "local/services/test_calls.h"

namespace nimbus::local {
namespace {

using namespace testing_calls;

std::string trust(const std::string& principal)
{
    return percent_encode(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
        R"("Principal":)" +
        principal + "}]}");
}

const auto trusts_lambda = trust(R"({"Service":"lambda.amazonaws.com"})");
const auto all_of_s3 = percent_encode(
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})");

class IamService : public testing::Test {
protected:
    http::Response iam(const std::string& form) { return send_form(iam_, form); }
    void add_role()
    {
        ASSERT_EQ(
            iam("Action=CreateRole&RoleName=app&AssumeRolePolicyDocument=" + trusts_lambda).status,
            200);
    }

    sqlite::Database database_{":memory:"};
    iam::IdentityStore store_{database_, "123456789012", system_now};
    Service iam_ = make_iam_service(store_);
};

TEST_F(IamService, ARoleIsCreatedReadAndDeleted)
{
    const auto created =
        iam("Action=CreateRole&RoleName=app&Path=/n/&AssumeRolePolicyDocument=" + trusts_lambda +
            "&Tags.member.1.Key=k&Tags.member.1.Value=a%26b");
    EXPECT_EQ(created.status, 200);
    EXPECT_EQ(element(created, "Arn"), "arn:aws:iam::123456789012:role/n/app");
    EXPECT_TRUE(element(created, "RoleId").starts_with("AROA"));
    const auto read = iam("Action=GetRole&RoleName=app");
    EXPECT_EQ(element(read, "AssumeRolePolicyDocument"), trusts_lambda);
    EXPECT_EQ(element(read, "Value"), "a&amp;b");
    EXPECT_EQ(iam("Action=DeleteRole&RoleName=app").status, 200);
    const auto gone = iam("Action=GetRole&RoleName=app");
    EXPECT_EQ(gone.status, 404);
    EXPECT_EQ(element(gone, "Code"), "NoSuchEntity");
    EXPECT_EQ(element(gone, "Message"), "The role with name app cannot be found.");
}

TEST_F(IamService, ARoleOfTheSameNameIsRefusedWhateverItsCase)
{
    add_role();
    const auto again =
        iam("Action=CreateRole&RoleName=APP&AssumeRolePolicyDocument=" + trusts_lambda);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(element(again, "Code"), "EntityAlreadyExists");
}

TEST_F(IamService, ARoleWithPoliciesIsNotDeleted)
{
    add_role();
    ASSERT_EQ(
        iam("Action=PutRolePolicy&RoleName=app&PolicyName=p&PolicyDocument=" + all_of_s3).status,
        200);
    EXPECT_EQ(element(iam("Action=DeleteRole&RoleName=app"), "Code"), "DeleteConflict");
    ASSERT_EQ(iam("Action=DeleteRolePolicy&RoleName=app&PolicyName=p").status, 200);
    const std::string arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    ASSERT_EQ(iam("Action=AttachRolePolicy&RoleName=app&PolicyArn=" + arn).status, 200);
    EXPECT_EQ(element(iam("Action=ListAttachedRolePolicies&RoleName=app"), "PolicyArn"), arn);
    EXPECT_EQ(element(iam("Action=DeleteRole&RoleName=app"), "Code"), "DeleteConflict");
    ASSERT_EQ(iam("Action=DetachRolePolicy&RoleName=app&PolicyArn=" + arn).status, 200);
    EXPECT_EQ(iam("Action=DeleteRole&RoleName=app").status, 200);
}

TEST_F(IamService, ARoleHasThePermissionsBoundaryThatItWasGiven)
{
    const auto limit =
        element(iam("Action=CreatePolicy&PolicyName=limit&PolicyDocument=" + all_of_s3), "Arn");
    const auto boundary = "&PermissionsBoundary=" + limit;
    EXPECT_EQ(element(iam("Action=CreateRole&RoleName=app&AssumeRolePolicyDocument=" +
                          trusts_lambda + boundary),
                      "PermissionsBoundaryArn"),
              limit);
    EXPECT_EQ(element(iam("Action=DeletePolicy&PolicyArn=" + limit), "Code"), "DeleteConflict");
    EXPECT_EQ(element(iam("Action=GetPolicy&PolicyArn=" + limit), "PermissionsBoundaryUsageCount"),
              "1");
    EXPECT_EQ(iam("Action=DeleteRolePermissionsBoundary&RoleName=app").status, 200);
    EXPECT_EQ(iam("Action=GetRole&RoleName=app").body.find("PermissionsBoundary"),
              std::string::npos);
    EXPECT_EQ(iam("Action=PutRolePermissionsBoundary&RoleName=app" + boundary).status, 200);
    EXPECT_EQ(element(iam("Action=GetRole&RoleName=app"), "PermissionsBoundaryArn"), limit);
    const auto missing = iam("Action=PutRolePermissionsBoundary&RoleName=app&PermissionsBoundary="
                             "arn:aws:iam::123456789012:policy/none");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(element(missing, "Message"), "Scope ARN: arn:aws:iam::123456789012:policy/none does "
                                           "not exist or is not attachable.");
}

TEST_F(IamService, AConditionTestsTheBoundaryThatIsAskedForOrTheRoles)
{
    const auto limit =
        element(iam("Action=CreatePolicy&PolicyName=limit&PolicyDocument=" + all_of_s3), "Arn");
    const auto seen = [&](const std::string& action, Fields form) {
        const auto operation = std::ranges::find(iam_.operations, action, &Operation::name);
        Call call;
        call.form = std::move(form);
        return operation->context(call);
    };
    const ConditionContext limited{{"iam:PermissionsBoundary", limit}};
    EXPECT_EQ(seen("CreateRole", {{"RoleName", "app"}, {"PermissionsBoundary", limit}}), limited);
    add_role();
    EXPECT_EQ(seen("PutRolePolicy", {{"RoleName", "app"}}), ConditionContext{});
    iam("Action=PutRolePermissionsBoundary&RoleName=app&PermissionsBoundary=" + limit);
    EXPECT_EQ(seen("PutRolePolicy", {{"RoleName", "app"}}), limited);
    EXPECT_EQ(seen("DeleteRolePermissionsBoundary", {{"RoleName", "app"}}), limited);
}

TEST_F(IamService, AServicesOwnRoleIsNotChanged)
{
    store_.put(
        store_.make(iam::Identity::Kind::role, "OfDsql", "/aws-service-role/dsql.amazonaws.com/"));
    const auto refused = iam("Action=DeleteRole&RoleName=OfDsql");
    EXPECT_EQ(element(refused, "Code"), "UnmodifiableEntity");
    EXPECT_EQ(element(refused, "Message"),
              "Cannot perform the operation on the protected role 'OfDsql' - this role is only "
              "modifiable by AWS");
    for (const auto& form :
         {"Action=PutRolePolicy&RoleName=OfDsql&PolicyName=p&PolicyDocument=" + all_of_s3,
          std::string("Action=TagRole&RoleName=OfDsql&Tags.member.1.Key=k&Tags.member.1.Value=v")})
        EXPECT_EQ(element(iam(form), "Code"), "UnmodifiableEntity") << form;
    EXPECT_EQ(iam("Action=GetRole&RoleName=OfDsql").status, 200);
}

TEST_F(IamService, ThePathOfServicesRolesIsReserved)
{
    const auto refused =
        iam("Action=CreateRole&RoleName=r&Path=/aws-service-role/dsql.amazonaws.com/"
            "&AssumeRolePolicyDocument=" +
            trusts_lambda);
    EXPECT_EQ(element(refused, "Code"), "ValidationError");
    EXPECT_EQ(element(refused, "Message"),
              "The path /aws-service-role/dsql.amazonaws.com/ is reserved for roles of services.");
    EXPECT_EQ(element(iam("Action=GetRole&RoleName=r"), "Code"), "NoSuchEntity");
}

TEST_F(IamService, BadInputIsNamed)
{
    EXPECT_EQ(
        element(iam("Action=CreateRole&RoleName=a%20b&AssumeRolePolicyDocument=" + trusts_lambda),
                "Code"),
        "ValidationError");
    EXPECT_EQ(element(iam("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B"), "Code"),
              "MalformedPolicyDocument");
    EXPECT_EQ(element(iam("Action=CreateRole&RoleName=r"), "Code"), "ValidationError");
    EXPECT_EQ(element(iam("Action=CreateGroup&GroupName=g"), "Code"), "InvalidAction");
    for (const auto* value : {"%FF", "a%00b"})
        EXPECT_EQ(element(iam("Action=TagRole&RoleName=r&Tags.member.1.Key=k&Tags.member.1.Value=" +
                              std::string(value)),
                          "Message"),
                  "The value of Tags.member.1.Value is not text in UTF-8.");
}

TEST_F(IamService, ListsComeInPages)
{
    for (const auto* name : {"r1", "r2", "r3"})
        iam(std::string("Action=CreateRole&RoleName=") + name +
            "&AssumeRolePolicyDocument=" + trusts_lambda);
    const auto first = iam("Action=ListRoles&MaxItems=2");
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    const auto rest = iam("Action=ListRoles&MaxItems=2&Marker=" + element(first, "Marker"));
    EXPECT_EQ(element(rest, "RoleName"), "r3");
    EXPECT_EQ(element(rest, "IsTruncated"), "false");
}

TEST_F(IamService, WhiteSpaceOfAPolicyDoesNotCount)
{
    const auto create = [this](const std::string& name, const std::string& document) {
        return element(
            iam("Action=CreatePolicy&PolicyName=" + name + "&PolicyDocument=" + document), "Code");
    };
    const std::string statement = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                                  R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::b/)";
    EXPECT_EQ(create("spacious", statement + "*\"}]}" + std::string(7000, '+')), "");
    EXPECT_EQ(create("long", statement + std::string(6144, 'x') + "\"}]}"), "LimitExceeded");
}

TEST_F(IamService, AUserHasAtMostTwoAccessKeys)
{
    iam("Action=CreateUser&UserName=ana");
    const auto key = iam("Action=CreateAccessKey&UserName=ana");
    EXPECT_TRUE(element(key, "AccessKeyId").starts_with("AKIA"));
    iam("Action=CreateAccessKey&UserName=ana");
    EXPECT_EQ(element(iam("Action=CreateAccessKey&UserName=ana"), "Code"), "LimitExceeded");
    EXPECT_EQ(element(iam("Action=DeleteUser&UserName=ana"), "Code"), "DeleteConflict");
}

} // namespace
} // namespace nimbus::local

#include "aws/ops/iam/role_policies.h"
#include "aws/ops/iam/role_tags.h"

#include <gtest/gtest.h>

namespace nimbus::aws::iam {
namespace {

TEST(IamRolePolicies, ArePutAndDeletedByName)
{
    EXPECT_EQ(
        (PutRolePolicy{.role_name = "r", .policy_name = "p", .policy_document = "{}"}
             .encode()
             .body),
        "Action=PutRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=p&PolicyDocument=%7B%7D");
    EXPECT_EQ((DeleteRolePolicy{.role_name = "r", .policy_name = "p"}.encode().body),
              "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=p");
}

TEST(IamGetRolePolicy, DecodesTheDocument)
{
    EXPECT_EQ((GetRolePolicy{.role_name = "r", .policy_name = "p"}.encode().body),
              "Action=GetRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=p");
    EXPECT_EQ(GetRolePolicy::decode(
                  {.body = "<GetRolePolicyResponse><GetRolePolicyResult><PolicyName>p</PolicyName>"
                           "<RoleName>r</RoleName><PolicyDocument>%7B%22Version%22%3A%20%22"
                           "2012-10-17%22%7D</PolicyDocument></GetRolePolicyResult>"
                           "</GetRolePolicyResponse>"})
                  .policy_document,
              R"({"Version": "2012-10-17"})");
}

TEST(IamListRolePolicies, GivesNames)
{
    EXPECT_EQ((ListRolePolicies{.role_name = "r", .next_token = "m"}.encode().body),
              "Action=ListRolePolicies&Version=2010-05-08&RoleName=r&Marker=m");
    const auto page = ListRolePolicies::decode(
        {.body = "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames><member>a</member>"
                 "<member>b</member></PolicyNames><IsTruncated>true</IsTruncated><Marker>n</Marker>"
                 "</ListRolePoliciesResult></ListRolePoliciesResponse>"});
    EXPECT_EQ(page.policy_names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(page.next_token, "n");
}

TEST(IamAttachedRolePolicies, AreListedAndDetachedByArn)
{
    EXPECT_EQ((ListAttachedRolePolicies{.role_name = "r"}.encode().body),
              "Action=ListAttachedRolePolicies&Version=2010-05-08&RoleName=r");
    const auto page = ListAttachedRolePolicies::decode(
        {.body = "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult>"
                 "<AttachedPolicies><member><PolicyName>ReadOnly</PolicyName><PolicyArn>"
                 "arn:aws:iam::aws:policy/ReadOnly</PolicyArn></member></AttachedPolicies>"
                 "<IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult>"
                 "</ListAttachedRolePoliciesResponse>"});
    ASSERT_EQ(page.attached_policies.size(), 1U);
    EXPECT_EQ(page.attached_policies[0].policy_name, "ReadOnly");
    EXPECT_EQ(page.attached_policies[0].policy_arn, "arn:aws:iam::aws:policy/ReadOnly");
    EXPECT_EQ((DetachRolePolicy{.role_name = "r", .policy_arn = "arn:aws:iam::aws:policy/P"}
                   .encode()
                   .body),
              "Action=DetachRolePolicy&Version=2010-05-08&RoleName=r&PolicyArn="
              "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FP");
}

TEST(IamRoleTags, AreAddedAndListed)
{
    EXPECT_EQ((TagRole{.role_name = "r", .tags = {{"k", "v"}}}.encode().body),
              "Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.1.Key=k&"
              "Tags.member.1.Value=v");
    EXPECT_EQ((ListRoleTags{.role_name = "r", .next_token = "m"}.encode().body),
              "Action=ListRoleTags&Version=2010-05-08&RoleName=r&Marker=m");
    const auto page = ListRoleTags::decode(
        {.body = "<ListRoleTagsResponse><ListRoleTagsResult><IsTruncated>false</IsTruncated><Tags>"
                 "<member><Key>k</Key><Value>v</Value></member></Tags></ListRoleTagsResult>"
                 "</ListRoleTagsResponse>"});
    EXPECT_EQ(page.tags, (Tags{{"k", "v"}}));
    EXPECT_EQ(page.next_token, "");
}

} // namespace
} // namespace nimbus::aws::iam

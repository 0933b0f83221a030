#include "aws/ops/iam/roles.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::iam {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(const Encoded& request)
{
    return http::parse_query(request.body);
}

const std::string role_xml = R"(
      <Path>/</Path>
      <Arn>arn:aws:iam::123456789012:role/demo</Arn>
      <RoleName>demo</RoleName>
      <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22a%22%3A%22x%2By%22%7D</AssumeRolePolicyDocument>
      <CreateDate>2033-05-18T03:33:20Z</CreateDate>
      <RoleId>AROADBQP57FF2AEXAMPLE</RoleId>)";

void expect_demo(const Role& role)
{
    EXPECT_EQ(role.role_name, "demo");
    EXPECT_EQ(role.role_id, "AROADBQP57FF2AEXAMPLE");
    EXPECT_EQ(role.arn, "arn:aws:iam::123456789012:role/demo");
    EXPECT_EQ(role.path, "/");
    EXPECT_EQ(role.assume_role_policy_document, R"({"Version":"2012-10-17","a":"x+y"})");
    EXPECT_EQ(role.create_date, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(role.max_session_duration, std::chrono::hours(1));
}

TEST(IamCreateRole, SendsTagsAsNumberedMembers)
{
    const auto request = CreateRole{.role_name = "demo",
                                    .assume_role_policy_document = R"({"a": "b+c"})",
                                    .description = "for the functions",
                                    .permissions_boundary = "arn:aws:iam::123456789012:policy/p",
                                    .tags = {{"nimbus:project", "p"}, {"nimbus:stage", ""}}}
                             .encode();
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(fields_of(request),
              (Fields{{"Action", "CreateRole"},
                      {"Version", "2010-05-08"},
                      {"RoleName", "demo"},
                      {"AssumeRolePolicyDocument", R"({"a": "b+c"})"},
                      {"Description", "for the functions"},
                      {"PermissionsBoundary", "arn:aws:iam::123456789012:policy/p"},
                      {"Tags.member.1.Key", "nimbus:project"},
                      {"Tags.member.1.Value", "p"},
                      {"Tags.member.2.Key", "nimbus:stage"},
                      {"Tags.member.2.Value", ""}}));
    EXPECT_EQ(request.body.find('+'), std::string::npos) << "blanks and pluses are both escaped";
}

TEST(IamCreateRole, GivesTheRole)
{
    expect_demo(
        CreateRole::decode({.body = "<CreateRoleResponse><CreateRoleResult><Role>" + role_xml +
                                    "</Role></CreateRoleResult></CreateRoleResponse>"})
            .role);
}

TEST(IamGetRole, GivesTheRoleWithItsTags)
{
    EXPECT_EQ(fields_of(GetRole{.role_name = "demo"}.encode()),
              (Fields{{"Action", "GetRole"}, {"Version", "2010-05-08"}, {"RoleName", "demo"}}));
    const auto role =
        GetRole::decode(
            {.body = "<GetRoleResponse><GetRoleResult><Role>" + role_xml +
                     "<Description>a &lt;b&gt;</Description><Tags><member><Key>k</Key><Value/>"
                     "</member></Tags><PermissionsBoundary><PermissionsBoundaryType>Policy"
                     "</PermissionsBoundaryType><PermissionsBoundaryArn>"
                     "arn:aws:iam::123456789012:policy/p</PermissionsBoundaryArn>"
                     "</PermissionsBoundary></Role></GetRoleResult></GetRoleResponse>"})
            .role;
    expect_demo(role);
    EXPECT_EQ(role.description, "a <b>");
    EXPECT_EQ(role.tags, (Tags{{"k", ""}}));
    EXPECT_EQ(role.permissions_boundary, "arn:aws:iam::123456789012:policy/p");
}

TEST(IamGetRole, RefusesARoleWithoutAnArn)
{
    EXPECT_THROW(GetRole::decode({.body = "<GetRoleResponse><GetRoleResult><Role><RoleName>r"
                                          "</RoleName></Role></GetRoleResult></GetRoleResponse>"}),
                 Error);
}

TEST(IamUpdateRole, ChangesHowLongASessionLasts)
{
    EXPECT_EQ(fields_of(UpdateRole{.role_name = "demo"}.encode()),
              (Fields{{"Action", "UpdateRole"},
                      {"Version", "2010-05-08"},
                      {"RoleName", "demo"},
                      {"MaxSessionDuration", "3600"}}));
    const auto role = GetRole::decode({.body = "<GetRoleResponse><GetRoleResult><Role>" + role_xml +
                                               "<MaxSessionDuration>43200</MaxSessionDuration>"
                                               "</Role></GetRoleResult></GetRoleResponse>"})
                          .role;
    EXPECT_EQ(role.max_session_duration, std::chrono::hours(12));
}

TEST(IamDeleteRole, NamesTheRole)
{
    EXPECT_EQ(fields_of(DeleteRole{.role_name = "demo"}.encode()),
              (Fields{{"Action", "DeleteRole"}, {"Version", "2010-05-08"}, {"RoleName", "demo"}}));
}

TEST(IamUpdateAssumeRolePolicy, SendsTheDocument)
{
    EXPECT_EQ(
        fields_of(UpdateAssumeRolePolicy{.role_name = "demo", .policy_document = "{}"}.encode()),
        (Fields{{"Action", "UpdateAssumeRolePolicy"},
                {"Version", "2010-05-08"},
                {"RoleName", "demo"},
                {"PolicyDocument", "{}"}}));
}

TEST(IamListRoles, HasPages)
{
    EXPECT_EQ(
        fields_of(ListRoles{.path_prefix = "/nimbus/", .max_items = 5, .next_token = "m"}.encode()),
        (Fields{{"Action", "ListRoles"},
                {"Version", "2010-05-08"},
                {"PathPrefix", "/nimbus/"},
                {"Marker", "m"},
                {"MaxItems", "5"}}));
    const auto first = ListRoles::decode(
        {.body = "<ListRolesResponse><ListRolesResult><IsTruncated>true</IsTruncated><Marker>next"
                 "</Marker><Roles><member>" +
                 role_xml + "</member></Roles></ListRolesResult></ListRolesResponse>"});
    ASSERT_EQ(first.roles.size(), 1U);
    expect_demo(first.roles[0]);
    EXPECT_EQ(first.next_token, "next");
    const auto last = ListRoles::decode(
        {.body = "<ListRolesResponse><ListRolesResult><IsTruncated>false</IsTruncated>"
                 "<Roles/></ListRolesResult></ListRolesResponse>"});
    EXPECT_TRUE(last.roles.empty());
    EXPECT_EQ(last.next_token, "");
}

} // namespace
} // namespace nimbus::aws::iam

#include "aws/ops/sts/identity.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::sts {
namespace {

TEST(StsGetCallerIdentity, IsAFormAndComesBackAsXml)
{
    const auto request = GetCallerIdentity{}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/");
    EXPECT_EQ(request.headers.get("Content-Type"),
              "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_EQ(request.body, "Action=GetCallerIdentity&Version=2011-06-15");

    const auto identity = GetCallerIdentity::decode(
        {.body = R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
   <Arn>arn:aws:iam::123456789012:user/Alice</Arn>
   <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
   <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>)"});
    EXPECT_EQ(identity.account, "123456789012");
    EXPECT_EQ(identity.arn, "arn:aws:iam::123456789012:user/Alice");
    EXPECT_EQ(identity.user_id, "AIDACKCEVSQ6C2EXAMPLE");
}

TEST(StsGetCallerIdentity, RefusesWhatIsNoAnswerToIt)
{
    for (const char* body : {"", "<html><br></html>", "<GetCallerIdentityResponse/>",
                             "<GetCallerIdentityResponse><GetCallerIdentityResult/>"
                             "</GetCallerIdentityResponse>"})
        EXPECT_THROW(GetCallerIdentity::decode({.body = body}), Error) << body;
}

TEST(StsAssumeRole, SendsOnlyWhatIsSet)
{
    EXPECT_EQ(
        (AssumeRole{.role_arn = "arn:aws:iam::1:role/r", .role_session_name = "s"}.encode().body),
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
        "RoleSessionName=s");
}

TEST(StsAssumeRole, GivesTemporaryCredentials)
{
    const auto role = AssumeRole::decode(
        {.body = R"(<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <SessionToken>AQoDYXdzEPT//////////wEXAMPLE</SessionToken>
      <Expiration>2033-05-18T03:33:20Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>)"});
    EXPECT_EQ(role.access_key_id, "ASIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(role.session_token, "AQoDYXdzEPT//////////wEXAMPLE");
    EXPECT_EQ(role.expiration, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(role.assumed_role_arn, "arn:aws:sts::123456789012:assumed-role/demo/TestAR");
}

} // namespace
} // namespace nimbus::aws::sts

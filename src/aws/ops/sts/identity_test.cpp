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

TEST(StsAssumeRole, SendsTheCodeOfAnMfaDevice)
{
    EXPECT_TRUE((AssumeRole{.role_arn = "arn",
                            .role_session_name = "s",
                            .serial_number = "arn:aws:iam::1:mfa/me",
                            .token_code = "123456"}
                     .encode()
                     .body.ends_with("&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme&"
                                     "TokenCode=123456")));
}

TEST(StsAssumeRoleWithWebIdentity, IsNotSignedAndCarriesTheToken)
{
    EXPECT_EQ(AssumeRoleWithWebIdentity::info.signing, Signing::none);
    EXPECT_EQ((AssumeRoleWithWebIdentity{
                  .role_arn = "arn", .role_session_name = "s", .web_identity_token = "a.b-c.d"}
                   .encode()
                   .body),
              "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn&RoleSessionName=s&"
              "WebIdentityToken=a.b-c.d");
}

TEST(StsAssumeRoleWithWebIdentity, GivesTemporaryCredentials)
{
    const auto role = AssumeRoleWithWebIdentity::decode({.body = R"(
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>repo:me/shop</SubjectFromWebIdentityToken>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/ci/s</Arn>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:s</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>token</SessionToken>
      <SecretAccessKey>secret</SecretAccessKey>
      <Expiration>2033-05-18T03:33:20Z</Expiration>
      <AccessKeyId>ASIAWEB</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>)"});
    EXPECT_EQ(role.access_key_id, "ASIAWEB");
    EXPECT_EQ(role.secret_access_key, "secret");
    EXPECT_EQ(role.expiration, from_unix_milliseconds(2'000'000'000'000));
    EXPECT_EQ(role.assumed_role_arn, "arn:aws:sts::123456789012:assumed-role/ci/s");
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

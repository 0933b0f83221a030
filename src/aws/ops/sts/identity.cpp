#include "aws/ops/sts/identity.h"

#include "aws/ops/form_protocol.h"
#include "aws/ops/xml_protocol.h"

namespace nimbus::aws::sts {
namespace {

AssumedRole assumed_role(const http::Response& response, const OperationInfo& operation)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, operation);
    const auto credentials = result.child("Credentials");
    return {.access_key_id = required_text(credentials, "AccessKeyId"),
            .secret_access_key = required_text(credentials, "SecretAccessKey"),
            .session_token = required_text(credentials, "SessionToken"),
            .expiration = required_time(credentials, "Expiration"),
            .assumed_role_arn = text_of(result.child("AssumedRoleUser"), "Arn")};
}

} // namespace

Encoded GetCallerIdentity::encode() const
{
    return Form(info).request();
}

GetCallerIdentity::Response GetCallerIdentity::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto result = result_of(document, info);
    return {.account = required_text(result, "Account"),
            .arn = required_text(result, "Arn"),
            .user_id = text_of(result, "UserId")};
}

Encoded AssumeRole::encode() const
{
    return Form(info)
        .add("RoleArn", role_arn)
        .add("RoleSessionName", role_session_name)
        .add("ExternalId", external_id)
        .add("DurationSeconds", duration_seconds)
        .add("SerialNumber", serial_number)
        .add("TokenCode", token_code)
        .request();
}

AssumedRole AssumeRole::decode(const http::Response& response)
{
    return assumed_role(response, info);
}

Encoded AssumeRoleWithWebIdentity::encode() const
{
    return Form(info)
        .add("RoleArn", role_arn)
        .add("RoleSessionName", role_session_name)
        .add("WebIdentityToken", web_identity_token)
        .request();
}

AssumedRole AssumeRoleWithWebIdentity::decode(const http::Response& response)
{
    return assumed_role(response, info);
}

} // namespace nimbus::aws::sts

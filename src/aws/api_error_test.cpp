#include "aws/api_error.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

constexpr OperationInfo get_function{services::lambda, "GetFunction", Effect::read};

TEST(ParseError, ReadsTheQueryProtocol)
{
    const auto error = parse_error(
        Protocol::query,
        {.status = 404, .body = R"(<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <Error>
    <Type>Sender</Type>
    <Code>NoSuchEntity</Code>
    <Message>The role with name demo cannot be found.</Message>
  </Error>
  <RequestId>2c1ac0f5-0000-4b4e-8a3a-9a4e7d1f0f6e</RequestId>
</ErrorResponse>)"});
    EXPECT_EQ(error.code, "NoSuchEntity");
    EXPECT_EQ(error.message, "The role with name demo cannot be found.");
    EXPECT_EQ(error.request_id, "2c1ac0f5-0000-4b4e-8a3a-9a4e7d1f0f6e");
}

TEST(ParseError, ReadsS3)
{
    const auto error =
        parse_error(Protocol::rest_xml, {.status = 412,
                                         .headers = {{"x-amz-request-id", "FROM-HEADER"}},
                                         .body = R"(<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message><Condition>If-None-Match</Condition><RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>)"});
    EXPECT_EQ(error.code, "PreconditionFailed");
    EXPECT_EQ(error.request_id, "4442587FB7D0A2F9");
}

TEST(ParseError, ReadsRestJsonWithTheCodeInAHeader)
{
    const auto error =
        parse_error(Protocol::rest_json,
                    {.status = 400,
                     .headers = {{"x-amzn-ErrorType", "ValidationException:http://internal/"},
                                 {"x-amzn-RequestId", "id-1"}},
                     .body = R"({"message":"protected","reason":"deletionProtectionEnabled"})"});
    EXPECT_EQ(error.code, "ValidationException");
    EXPECT_EQ(error.message, "protected");
    EXPECT_EQ(error.reason, "deletionProtectionEnabled");
    EXPECT_EQ(error.request_id, "id-1");
}

TEST(ParseError, ReadsLambdasCapitalMessage)
{
    const auto error = parse_error(
        Protocol::rest_json,
        {.status = 409,
         .headers = {{"x-amzn-ErrorType", "ResourceConflictException"}},
         .body = R"({"Type":"User","Message":"An update is in progress for resource: f"})"});
    EXPECT_EQ(error.code, "ResourceConflictException");
    EXPECT_EQ(error.message, "An update is in progress for resource: f");
}

TEST(ParseError, ReadsJson11)
{
    const auto error = parse_error(
        Protocol::json_1_1,
        {.status = 400,
         .body =
             R"({"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"no group"})"});
    EXPECT_EQ(error.code, "ResourceNotFoundException");
    EXPECT_EQ(error.message, "no group");
}

TEST(ParseError, MakesACodeFromTheStatusWhereThereIsNoBody)
{
    EXPECT_EQ(parse_error(Protocol::rest_xml, {.status = 404}).code, "NotFound");
    EXPECT_EQ(parse_error(Protocol::rest_xml, {.status = 403}).code, "Forbidden");
    EXPECT_EQ(parse_error(Protocol::rest_xml, {.status = 412}).code, "PreconditionFailed");
    EXPECT_EQ(parse_error(Protocol::rest_xml, {.status = 599}).code, "Status599");
}

TEST(ParseError, SaysWhereABucketIsInstead)
{
    const auto error = parse_error(
        Protocol::rest_xml, {.status = 301, .headers = {{"x-amz-bucket-region", "eu-west-1"}}});
    EXPECT_EQ(error.code, "MovedPermanently");
    EXPECT_EQ(error.message, "HTTP status 301, the bucket is in eu-west-1");
}

TEST(ParseError, SurvivesAProxysPage)
{
    for (const auto protocol :
         {Protocol::query, Protocol::rest_xml, Protocol::rest_json, Protocol::json_1_1}) {
        EXPECT_EQ(
            parse_error(protocol, {.status = 502, .body = "<html><p>Bad gateway<br></html>"}).code,
            "BadGateway");
        EXPECT_EQ(parse_error(protocol, {.status = 502, .body = "[1,2"}).code, "BadGateway");
        EXPECT_EQ(parse_error(protocol, {.status = 502, .body = R"({"x":1})"}).code, "BadGateway");
    }
}

TEST(ApiErrorText, NamesServiceOperationCodeAndMessage)
{
    const ApiError error(get_function, 404,
                         {.code = "ResourceNotFoundException", .message = "Function not found: f"});
    EXPECT_STREQ(error.what(), "Lambda refused GetFunction: ResourceNotFoundException: "
                               "Function not found: f");
    EXPECT_STREQ(ApiError(get_function, 500, {.code = "ServiceException"}).what(),
                 "Lambda failed at GetFunction: ServiceException");
    EXPECT_EQ(error.http_status(), 404);
    EXPECT_TRUE(error.is("ResourceNotFoundException"));
    EXPECT_TRUE(error.is_not_found());
    EXPECT_FALSE(error.is_conflict());
}

TEST(ApiErrorText, HintsAtTheWayOut)
{
    for (const char* code : {"ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch",
                             "RequestTimeTooSkewed", "AccessDenied", "LimitExceeded"})
        EXPECT_NE(ApiError(get_function, 403, {.code = code}).hint(), "") << code;
    EXPECT_EQ(ApiError(get_function, 400, {.code = "ValidationException"}).hint(), "");
}

TEST(ApiErrorText, DoesNotSendWhoMayNotReadLogsToTheDeployersPolicy)
{
    constexpr OperationInfo read_logs{services::logs, "FilterLogEvents", Effect::read};
    EXPECT_NE(ApiError(get_function, 403, {.code = "AccessDeniedException"})
                  .hint()
                  .find("'nimbus init --policy' prints"),
              std::string::npos);
    EXPECT_NE(ApiError(read_logs, 403, {.code = "AccessDeniedException"})
                  .hint()
                  .find("'nimbus init --policy' does not print"),
              std::string::npos);
}

TEST(ApiErrorKind, IsTheSameForAllServices)
{
    for (const char* code : {"ResourceNotFoundException", "NotFoundException", "NoSuchEntity",
                             "NoSuchBucket", "NoSuchKey", "NotFound"})
        EXPECT_TRUE(ApiError(get_function, 404, {.code = code}).is_not_found()) << code;
    for (const char* code :
         {"EntityAlreadyExists", "ResourceAlreadyExistsException", "ResourceConflictException",
          "ResourceExistsException", "ConflictException", "BucketAlreadyOwnedByYou"})
        EXPECT_TRUE(ApiError(get_function, 409, {.code = code}).is_conflict()) << code;
}

} // namespace
} // namespace nimbus::aws

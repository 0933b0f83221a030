#include "aws/endpoints.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

TEST(EndpointOf, KnowsWhereTheServicesAre)
{
    struct Row {
        const Service& service;
        const char* region;
        const char* bucket;
        const char* origin;
        const char* signing_region;
    };
    const Row rows[] = {
        {services::lambda, "us-east-1", "", "https://lambda.us-east-1.amazonaws.com", "us-east-1"},
        {services::logs, "eu-west-1", "", "https://logs.eu-west-1.amazonaws.com", "eu-west-1"},
        {services::secretsmanager, "us-east-1", "",
         "https://secretsmanager.us-east-1.amazonaws.com", "us-east-1"},
        {services::scheduler, "eu-west-1", "", "https://scheduler.eu-west-1.amazonaws.com",
         "eu-west-1"},
        {services::sts, "us-east-1", "", "https://sts.us-east-1.amazonaws.com", "us-east-1"},
        {services::apigatewayv2, "eu-west-1", "", "https://apigateway.eu-west-1.amazonaws.com",
         "eu-west-1"},
        {services::dsql, "us-east-2", "", "https://dsql.us-east-2.api.aws", "us-east-2"},
        {services::iam, "eu-west-1", "", "https://iam.amazonaws.com", "us-east-1"},
        {services::iam, "cn-northwest-1", "", "https://iam.cn-north-1.amazonaws.com.cn",
         "cn-north-1"},
        {services::iam, "us-gov-east-1", "", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
        {services::lambda, "cn-north-1", "", "https://lambda.cn-north-1.amazonaws.com.cn",
         "cn-north-1"},
        {services::s3, "eu-west-1", "b-1", "https://b-1.s3.eu-west-1.amazonaws.com", "eu-west-1"},
        {services::s3, "us-east-1", "evil/", "https://s3.us-east-1.amazonaws.com", "us-east-1"},
        {services::s3, "us-east-1", "my.bucket", "https://s3.us-east-1.amazonaws.com", "us-east-1"},
        {services::s3, "cn-north-1", "b-1", "https://b-1.s3.cn-north-1.amazonaws.com.cn",
         "cn-north-1"},
    };
    for (const auto& row : rows) {
        const auto endpoint = endpoint_of(row.service, row.region, {}, row.bucket);
        EXPECT_EQ(endpoint.origin, row.origin);
        EXPECT_EQ("https://" + endpoint.host, endpoint.origin);
        EXPECT_EQ(endpoint.signing_region, row.signing_region) << row.origin;
    }
}

TEST(EndpointOf, PutsTheBucketIntoTheHostWhereACertificateCoversIt)
{
    EXPECT_FALSE(endpoint_of(services::s3, "us-east-1", {}, "plain").path_style);
    EXPECT_TRUE(endpoint_of(services::s3, "us-east-1", {}, "with.dots").path_style);
    EXPECT_TRUE(
        endpoint_of(services::s3, "us-east-1", {.all = "http://127.0.0.1:1"}, "plain").path_style);
}

TEST(EndpointOf, PrefersTheServicesOwnOverride)
{
    const EndpointOverrides overrides{.all = "http://127.0.0.1:4566",
                                      .by_service = {{"S3", "https://s3.internal:443"}}};
    const auto lambda = endpoint_of(services::lambda, "us-east-1", overrides);
    EXPECT_EQ(lambda.origin, "http://127.0.0.1:4566");
    EXPECT_EQ(lambda.host, "127.0.0.1:4566");
    EXPECT_EQ(lambda.signing_region, "us-east-1");
    const auto s3 = endpoint_of(services::s3, "us-east-1", overrides, "bucket");
    EXPECT_EQ(s3.origin, "https://s3.internal:443");
    EXPECT_EQ(s3.host, "s3.internal") << "the scheme's own port is not in the Host header";
}

TEST(EndpointOf, RefusesWhatIsNoRegion)
{
    EXPECT_THROW(endpoint_of(services::lambda, "", {}), Error);
    EXPECT_THROW(endpoint_of(services::lambda, "evil.example/", {}), Error);
    EXPECT_THROW(endpoint_of(services::lambda, "US-EAST-1", {}), Error);
}

TEST(EndpointOverridesOf, AreReadFromTheEnvironment)
{
    const auto overrides = endpoint_overrides(
        fixed_environment({{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566/"},
                           {"AWS_ENDPOINT_URL_S3", "https://s3.internal"},
                           {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://[::1]:9000"},
                           {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"},
                           {"AWS_ENDPOINT_URL_SCHEDULER", "http://127.0.0.1:2"},
                           {"AWS_ENDPOINT_URL_DSQL", ""}}));
    EXPECT_EQ(overrides.all, "http://127.0.0.1:4566");
    EXPECT_EQ(overrides.by_service,
              (std::map<std::string, std::string>{{"S3", "https://s3.internal"},
                                                  {"CLOUDWATCH_LOGS", "http://[::1]:9000"},
                                                  {"SECRETS_MANAGER", "http://127.0.0.1:1"},
                                                  {"SCHEDULER", "http://127.0.0.1:2"}}));
}

TEST(EndpointOverridesOf, CanBeSwitchedOff)
{
    EXPECT_EQ(
        endpoint_overrides(fixed_environment({{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"},
                                              {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}})),
        EndpointOverrides{});
}

TEST(EndpointOverridesOf, RefuseWhatIsNoOrigin)
{
    for (const char* url :
         {"127.0.0.1:4566", "http://", "ftp://host", "http://host/path", "http://host?x=1",
          "http://user@host", "http://host#part", "http://ho st"})
        EXPECT_THROW(endpoint_overrides(fixed_environment({{"AWS_ENDPOINT_URL_IAM", url}})),
                     UsageError)
            << url;
}

TEST(PartitionOf, GoesByTheRegion)
{
    EXPECT_EQ(partition_of("us-east-1"), "aws");
    EXPECT_EQ(partition_of("cn-north-1"), "aws-cn");
    EXPECT_EQ(partition_of("us-gov-west-1"), "aws-us-gov");
}

} // namespace
} // namespace nimbus::aws

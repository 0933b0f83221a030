#include "aws/endpoints.h"
#include "base/error.h"
#include "base/file.h"

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

/// As botocore 1.43 resolves them from its endpoint rules.
TEST(EndpointOf, KnowsFipsAndDualStack)
{
    struct Row {
        const Service& service;
        const char* region;
        const char* fips;
        const char* dual_stack;
        const char* both;
    };
    const Row rows[] = {
        {services::sts, "us-east-1", "sts-fips.us-east-1.amazonaws.com", "sts.us-east-1.api.aws",
         "sts-fips.us-east-1.api.aws"},
        {services::iam, "eu-west-1", "iam-fips.amazonaws.com", "iam.global.api.aws",
         "iam-fips.global.api.aws"},
        {services::s3, "us-east-1", "b-1.s3-fips.us-east-1.amazonaws.com",
         "b-1.s3.dualstack.us-east-1.amazonaws.com",
         "b-1.s3-fips.dualstack.us-east-1.amazonaws.com"},
        {services::dsql, "us-east-1", "dsql-fips.us-east-1.api.aws", "dsql.us-east-1.api.aws",
         "dsql-fips.us-east-1.api.aws"},
        {services::lambda, "eu-west-1", "lambda-fips.eu-west-1.amazonaws.com",
         "lambda.eu-west-1.api.aws", "lambda-fips.eu-west-1.api.aws"},
        {services::apigatewayv2, "us-east-1", "apigateway-fips.us-east-1.amazonaws.com",
         "apigateway.us-east-1.api.aws", "apigateway-fips.us-east-1.api.aws"},
        {services::secretsmanager, "us-east-1", "secretsmanager-fips.us-east-1.amazonaws.com",
         "secretsmanager.us-east-1.amazonaws.com", "secretsmanager-fips.us-east-1.amazonaws.com"},
        {services::scheduler, "us-east-1", "scheduler-fips.us-east-1.amazonaws.com",
         "scheduler.us-east-1.api.aws", "scheduler-fips.us-east-1.api.aws"},
        {services::sso, "us-east-1", "portal.sso-fips.us-east-1.amazonaws.com",
         "portal.sso.us-east-1.api.aws", "portal.sso-fips.us-east-1.api.aws"},
        {services::sso_oidc, "us-east-1", "oidc-fips.us-east-1.amazonaws.com",
         "oidc.us-east-1.api.aws", "oidc-fips.us-east-1.api.aws"},
        {services::signin, "us-east-1", "signin-fips.us-east-1.amazonaws.com",
         "signin.us-east-1.api.aws", "signin-fips.us-east-1.api.aws"},
        {services::sts, "us-gov-west-1", "sts.us-gov-west-1.amazonaws.com",
         "sts.us-gov-west-1.api.aws", "sts-fips.us-gov-west-1.api.aws"},
        {services::logs, "us-gov-west-1", "logs.us-gov-west-1.amazonaws.com",
         "logs.us-gov-west-1.api.aws", "logs-fips.us-gov-west-1.api.aws"},
        {services::lambda, "us-gov-west-1", "lambda-fips.us-gov-west-1.amazonaws.com",
         "lambda.us-gov-west-1.api.aws", "lambda-fips.us-gov-west-1.api.aws"},
        {services::iam, "us-gov-east-1", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
         "iam.us-gov.api.aws"},
    };
    for (const auto& row : rows) {
        const auto host = [&row](bool fips, bool dual_stack) {
            const bool is_s3 = row.service.name == services::s3.name;
            return endpoint_of(row.service, row.region,
                               {.use_fips = fips, .use_dual_stack = dual_stack}, is_s3 ? "b-1" : "")
                .host;
        };
        EXPECT_EQ(host(true, false), row.fips);
        EXPECT_EQ(host(false, true), row.dual_stack);
        EXPECT_EQ(host(true, true), row.both);
    }
}

TEST(EndpointOf, KnowsWhereOneSignsIn)
{
    const auto host = [](const Service& service, const char* region) {
        return endpoint_of(service, region, {}).host;
    };
    EXPECT_EQ(host(services::sso, "eu-west-1"), "portal.sso.eu-west-1.amazonaws.com");
    EXPECT_EQ(host(services::sso_oidc, "cn-north-1"), "oidc.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(host(services::signin, "eu-west-1"), "eu-west-1.signin.aws.amazon.com");
    EXPECT_EQ(host(services::signin, "cn-north-1"), "cn-north-1.signin.amazonaws.cn");
    EXPECT_EQ(host(services::signin, "us-gov-west-1"), "us-gov-west-1.signin.amazonaws-us-gov.com");
}

TEST(EndpointOf, RefusesFormsOfEndpointsThatAreNotThere)
{
    EXPECT_THROW(endpoint_of(services::lambda, "cn-north-1", {.use_fips = true}), Error);
    EXPECT_EQ(endpoint_of(services::lambda, "cn-north-1", {.use_dual_stack = true}).host,
              "lambda.cn-north-1.api.amazonwebservices.com.cn");
    for (const EndpointSettings& settings :
         {EndpointSettings{.all = "http://127.0.0.1:1", .use_fips = true},
          EndpointSettings{.by_service = {{"LAMBDA", "http://127.0.0.1:1"}},
                           .use_dual_stack = true}})
        EXPECT_THROW(endpoint_of(services::lambda, "us-east-1", settings), Error);
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
    const EndpointSettings overrides{.all = "http://127.0.0.1:4566",
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

/// A config file in a directory of its own.
class Settings : public testing::Test {
protected:
    void config(const std::string& text) { write_file(directory_.path() / "config", text); }

    EndpointSettings get(std::map<std::string, std::string> variables = {},
                         const std::string& profile = {}) const
    {
        variables["AWS_CONFIG_FILE"] = directory_.path() / "config";
        variables["AWS_SHARED_CREDENTIALS_FILE"] = directory_.path() / "credentials";
        const auto environment = fixed_environment(std::move(variables));
        return endpoint_settings(environment, SharedConfig(environment), profile);
    }

private:
    TemporaryDirectory directory_;
};

TEST_F(Settings, AreReadFromTheEnvironment)
{
    const auto settings = get({{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566/"},
                               {"AWS_ENDPOINT_URL_S3", "https://s3.internal"},
                               {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://[::1]:9000"},
                               {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"},
                               {"AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:2"},
                               {"AWS_ENDPOINT_URL_DSQL", ""}});
    EXPECT_EQ(settings.all, "http://127.0.0.1:4566");
    EXPECT_EQ(settings.by_service,
              (std::map<std::string, std::string>{{"S3", "https://s3.internal"},
                                                  {"CLOUDWATCH_LOGS", "http://[::1]:9000"},
                                                  {"SECRETS_MANAGER", "http://127.0.0.1:1"},
                                                  {"SSO_OIDC", "http://127.0.0.1:2"}}));
}

TEST_F(Settings, OfTheProfileAreTakenWhereTheEnvironmentIsSilent)
{
    config("[profile dev]\n"
           "endpoint_url = http://127.0.0.1:1\n"
           "services = emulators\n"
           "use_fips_endpoint = TRUE\n"
           "[services emulators]\n"
           "s3 =\n"
           "  endpoint_url = http://127.0.0.1:2\n"
           "cloudwatch_logs =\n"
           "  endpoint_url = http://127.0.0.1:3\n");
    const std::string dev = "dev";
    EXPECT_EQ(get(), EndpointSettings{}) << "another profile";
    EXPECT_EQ(get({}, dev),
              (EndpointSettings{.all = "http://127.0.0.1:1",
                                .by_service = {{"S3", "http://127.0.0.1:2"},
                                               {"CLOUDWATCH_LOGS", "http://127.0.0.1:3"}},
                                .use_fips = true}));
    EXPECT_EQ(get({{"AWS_PROFILE", dev}}), get({}, dev));
    EXPECT_EQ(get({{"AWS_DEFAULT_PROFILE", dev}}), get({}, dev));
    EXPECT_EQ(get({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9"}}, dev),
              (EndpointSettings{.all = "http://127.0.0.1:9", .use_fips = true}));
    EXPECT_EQ(get({{"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"}}, dev).by_service.at("S3"),
              "http://127.0.0.1:9");
    EXPECT_FALSE(get({{"AWS_USE_FIPS_ENDPOINT", "false"}}, dev).use_fips);
}

TEST_F(Settings, SwitchFipsAndDualStackOn)
{
    EXPECT_EQ(get({{"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_USE_DUALSTACK_ENDPOINT", "True"}}),
              (EndpointSettings{.use_fips = true, .use_dual_stack = true}));
    config("[default]\nuse_dualstack_endpoint = true\n");
    EXPECT_EQ(get(), EndpointSettings{.use_dual_stack = true});
    for (const char* variable : {"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"})
        EXPECT_THROW(get({{variable, "1"}}), UsageError) << variable;
}

TEST_F(Settings, LeaveOutEndpointsThatAreToBeIgnored)
{
    EXPECT_EQ(get({{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"},
                   {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}}),
              EndpointSettings{});
    config("[default]\nendpoint_url = http://127.0.0.1:1\n"
           "ignore_configured_endpoint_urls = true\n");
    EXPECT_EQ(get(), EndpointSettings{});
    EXPECT_EQ(get({{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}}).all, "http://127.0.0.1:1");
}

TEST_F(Settings, RefuseWhatIsNoOrigin)
{
    for (const std::string url :
         {"127.0.0.1:4566", "http://", "ftp://host", "http://host/path", "http://host?x=1",
          "http://user@host", "http://host#part", "http://ho st"}) {
        EXPECT_THROW(get({{"AWS_ENDPOINT_URL_IAM", url}}), UsageError) << url;
        config("[default]\nendpoint_url = " + url + "\n");
        EXPECT_THROW(get(), UsageError) << url;
        config("");
    }
}

TEST_F(Settings, NameTheServicesSectionThatIsMissing)
{
    config("[default]\nservices = nowhere\n");
    try {
        get();
        FAIL() << "did not throw";
    } catch (const UsageError& error) {
        EXPECT_TRUE(std::string(error.what())
                        .starts_with("The AWS profile 'default' names the services section "
                                     "'nowhere', which is not in "))
            << error.what();
        EXPECT_EQ(error.hint(), "A section starts with [services nowhere].");
    }
}

TEST(PartitionOf, GoesByTheRegion)
{
    EXPECT_EQ(partition_of("us-east-1"), "aws");
    EXPECT_EQ(partition_of("cn-north-1"), "aws-cn");
    EXPECT_EQ(partition_of("us-gov-west-1"), "aws-us-gov");
    for (const char* partition : {"aws", "aws-cn", "aws-us-gov"})
        EXPECT_EQ(partition_of(any_region_of(partition)), partition);
    EXPECT_EQ(any_region_of("aws-nowhere"), "us-east-1");
}

TEST(Endpoints, WithoutARegionBothVariablesAreNamed)
{
    try {
        endpoint_of(services::sts, "", {});
        FAIL() << "there is no Region";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "No AWS Region is set");
        EXPECT_TRUE(error.hint().starts_with("Set AWS_REGION or AWS_DEFAULT_REGION, "))
            << error.hint();
    }
}

} // namespace
} // namespace nimbus::aws

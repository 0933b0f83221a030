#include "local/iam/managed_policies.h"

#include "base/arn.h"

#include <array>

namespace nimbus::local::iam {
namespace {

struct Entry {
    std::string_view path;
    std::string_view name;
    std::string_view id;
    std::string_view description;
    std::string_view document;
};

constexpr std::array<Entry, 12> entries{{
    {"/", "AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK",
     "Provides full access to AWS services and resources.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"/service-role/", "AWSLambdaBasicExecutionRole", "ANPAJNCQGXC42545SKXIK",
     "Provides write permissions to CloudWatch Logs.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",)"
     R"("logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    {"/", "PowerUserAccess", "ANPAJYRXTHIB4FOVS3ZXS",
     "Provides full access to AWS services and resources, but does not allow "
     "management of Users and groups.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*",)"
     R"("organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow",)"
     R"("Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole",)"
     R"("iam:ListRoles"],"Resource":"*"}]})"},
    {"/", "ReadOnlyAccess", "ANPAILL3HVNFSB6DCOWYQ",
     "Provides read-only access to AWS services and resources.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
     R"("Action":["apigateway:GET","dsql:GetCluster","dsql:GetVpcEndpointServiceName",)"
     R"("dsql:ListClusters","dsql:ListTagsForResource","iam:Get*","iam:List*",)"
     R"("lambda:Get*","lambda:List*","logs:Describe*","logs:FilterLogEvents",)"
     R"("logs:Get*","logs:List*","s3:Get*","s3:List*","scheduler:Get*",)"
     R"("scheduler:List*","secretsmanager:DescribeSecret",)"
     R"("secretsmanager:GetResourcePolicy","secretsmanager:List*",)"
     R"("sts:GetCallerIdentity"],"Resource":"*"}]})"},
    {"/", "AmazonS3FullAccess", "ANPAIFIR6V6BVTRAHWINE",
     "Provides full access to all buckets via the AWS Management Console.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],)"
     R"("Resource":"*"}]})"},
    {"/", "AmazonS3ReadOnlyAccess", "ANPAIZTJ4DXE7G6AGAE6M",
     "Provides read only access to all buckets via the AWS Management Console.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*",)"
     R"("s3:List*","s3:Describe*"],"Resource":"*"}]})"},
    {"/", "CloudWatchLogsFullAccess", "ANPAJ3ZGNWK2R5HW5BQFO",
     "Provides full access to CloudWatch Logs",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],)"
     R"("Resource":"*"}]})"},
    {"/", "CloudWatchLogsReadOnlyAccess", "ANPAJ2YIYDYSNNEHK3VKW",
     "Provides read only access to CloudWatch Logs",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
     R"("Action":["logs:Describe*","logs:Get*","logs:List*","logs:FilterLogEvents"],)"
     R"("Resource":"*"}]})"},
    {"/", "IAMFullAccess", "ANPAI7XKCFMBPM3QQRRVQ",
     "Provides full access to IAM via the AWS Management Console.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*"],)"
     R"("Resource":"*"}]})"},
    {"/", "IAMReadOnlyAccess", "ANPAJKSO7NDY4T57MWDSQ",
     "Provides read only access to IAM via the AWS Management Console.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*",)"
     R"("iam:List*"],"Resource":"*"}]})"},
    {"/service-role/", "AWSLambdaRole", "ANPAJX4DPCRGTC4NFDUXI",
     "Default policy for AWS Lambda service role.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
     R"("Action":["lambda:InvokeFunction"],"Resource":"*"}]})"},
    {"/service-role/", "AWSLambdaVPCAccessExecutionRole", "ANPAJVTME3YLVNL72YR2K",
     "Provides minimum permissions for a Lambda function to execute while accessing a "
     "resource within a VPC",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
     R"("Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],)"
     R"("Resource":"*"}]})"},
}};

ManagedPolicy policy_of(const Entry& entry)
{
    return {.name = std::string(entry.name),
            .path = std::string(entry.path),
            .id = std::string(entry.id),
            .arn = Arn{.service = "iam",
                       .account = "aws",
                       .resource = "policy" + std::string(entry.path) + std::string(entry.name)}
                       .to_string(),
            .description = std::string(entry.description),
            .document = std::string(entry.document),
            .created = from_unix_milliseconds(1'423'180'800'000)};
}

} // namespace

std::optional<ManagedPolicy> find_aws_managed_policy(const std::string& arn)
{
    for (const auto& entry : entries)
        if (auto policy = policy_of(entry); policy.arn == arn)
            return policy;
    return std::nullopt;
}

std::vector<ManagedPolicy> aws_managed_policies()
{
    std::vector<ManagedPolicy> policies;
    for (const auto& entry : entries)
        policies.push_back(policy_of(entry));
    return policies;
}

} // namespace nimbus::local::iam

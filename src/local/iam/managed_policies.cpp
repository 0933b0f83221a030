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

constexpr std::array<Entry, 2> entries{{
    {"/", "AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK",
     "Provides full access to AWS services and resources.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"/service-role/", "AWSLambdaBasicExecutionRole", "ANPAJNCQGXC42545SKXIK",
     "Provides write permissions to CloudWatch Logs.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",)"
     R"("logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
}};

} // namespace

std::optional<ManagedPolicy> find_aws_managed_policy(const std::string& arn)
{
    for (const auto& entry : entries) {
        const auto entry_arn =
            Arn{.service = "iam",
                .account = "aws",
                .resource = "policy" + std::string(entry.path) + std::string(entry.name)}
                .to_string();
        if (entry_arn == arn)
            return ManagedPolicy{.name = std::string(entry.name),
                                 .path = std::string(entry.path),
                                 .id = std::string(entry.id),
                                 .arn = entry_arn,
                                 .description = std::string(entry.description),
                                 .document = std::string(entry.document),
                                 .created = from_unix_milliseconds(1'423'180'800'000)};
    }
    return std::nullopt;
}

} // namespace nimbus::local::iam

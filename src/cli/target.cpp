#include "cli/target.h"

#include "aws/credential_chain.h"
#include "base/error.h"
#include "cli/cloud_answers.h"
#include "cli/fault_report.h"
#include "cli/statement_check.h"
#include "http/client.h"
#include "local/cloud.h"

namespace nimbus::cli {
namespace {

constexpr const char* local_bucket = "nimbus-state";
/// As libnimbus knows it: for an AWS that is another local cloud.
constexpr const char* hosts_variable = "NIMBUS_HOSTS_FILE";

} // namespace

std::unique_ptr<aws::Client> make_local_client(const local::HomeSettings& cloud,
                                               const std::string& region,
                                               std::chrono::seconds patience)
{
    aws::ClientOptions options;
    options.region = region;
    options.endpoints.all = local::endpoint_of(cloud);
    options.before_sending = [home = local::Home::from_environment()](const auto&) {
        require_not_stopped(home);
    };
    const auto& keys = cloud.administrator;
    return std::make_unique<aws::Client>(
        std::make_shared<http::Client>(
            http::ClientOptions{.total_timeout = patience, .idle_timeout = patience}),
        aws::fixed_credentials({.access_key_id = keys.access_key_id,
                                .secret_access_key = keys.secret_access_key,
                                .session_token = {}},
                               "local cloud, its administrator"),
        options);
}

AwsCaller sign_in_to_aws(const std::string& region, Progress* progress)
{
    const auto http = std::make_shared<http::Client>();
    aws::ChainOptions chain;
    if (progress && progress->has_person())
        chain.mfa = std::make_shared<aws::MfaPrompt>([progress](const std::string& serial) {
            return progress->ask("Code of the MFA device " + serial + ": ");
        });
    const auto mfa = chain.mfa;
    AwsCaller caller;
    caller.client = std::make_unique<aws::Client>(
        http, aws::credential_chain(http, std::move(chain)),
        aws::with_environment({.region = region, .limits = std::make_shared<aws::RateLimits>()},
                              aws::process_environment()));
    if (progress)
        progress->phase("Asking AWS who is calling");
    caller.identity = caller.client->call(aws::sts::GetCallerIdentity{});
    mfa->close(); // `progress` may end before the client
    return caller;
}

local::HomeSettings running_local_cloud(const local::Home& home, Progress* progress)
{
    return start_and_tell(home, {}, progress).settings;
}

OpenTarget OpenTarget::open(const TargetSettings& settings, const std::string& region,
                            Progress* progress)
{
    return settings.kind == TargetSettings::Kind::local ? to_local(region, progress)
                                                        : to_aws(settings, region, progress);
}

OpenTarget OpenTarget::unreached(const TargetSettings& settings, const std::string& region,
                                 const std::string& account)
{
    const bool is_local = settings.kind == TargetSettings::Kind::local;
    OpenTarget opened;
    opened.client_ = std::make_unique<aws::Client>(std::make_shared<http::Client>(),
                                                   aws::fixed_credentials({}, "nobody"),
                                                   aws::ClientOptions{.region = region});
    opened.target_ = std::make_unique<deploy::Target>(
        deploy::Target{.name = is_local ? "local" : "aws",
                       .client = *opened.client_,
                       .region = region,
                       .account_id = account,
                       .bucket = is_local ? local_bucket : settings.bucket,
                       .ca_file = {},
                       .refusal_of_statement = refusal_of_statement});
    return opened;
}

OpenTarget OpenTarget::to_local(const std::string& region, Progress* progress)
{
    const auto home = local::Home::from_environment();
    const auto cloud = running_local_cloud(home, progress);
    OpenTarget opened;
    opened.client_ = make_local_client(cloud, region);
    opened.target_ = std::make_unique<deploy::Target>(
        deploy::Target{.name = "local",
                       .client = *opened.client_,
                       .region = region,
                       .account_id = cloud.account_id,
                       .bucket = local_bucket,
                       .ca_file = home.ca_file(),
                       .hosts_file = home.hosts_file(),
                       .refusal_of_statement = refusal_of_statement});
    opened.target_->injected_fault = [&client = *opened.client_](std::string_view fault) {
        return cli::injected_fault(client, fault);
    };
    return opened;
}

OpenTarget OpenTarget::to_aws(const TargetSettings& settings, const std::string& region,
                              Progress* progress)
{
    if (settings.region != region)
        throw UsageError("The state bucket " + settings.bucket + " is in Region " +
                             settings.region + ", the application in " + region,
                         "Lambda takes code from a bucket in its own Region. Choose a bucket in " +
                             region + " with 'nimbus init --bucket B --region " + region + "'.");
    auto caller = sign_in_to_aws(region, progress);
    OpenTarget opened;
    opened.client_ = std::move(caller.client);
    opened.target_ = std::make_unique<deploy::Target>(
        deploy::Target{.name = "aws",
                       .client = *opened.client_,
                       .region = region,
                       .account_id = caller.identity.account,
                       .bucket = settings.bucket,
                       .ca_file = {},
                       .hosts_file = aws::process_environment()(hosts_variable).value_or(""),
                       .refusal_of_statement = refusal_of_statement});
    return opened;
}

} // namespace nimbus::cli

#include "cli/target.h"

#include "aws/credential_chain.h"
#include "aws/ops/sts/identity.h"
#include "base/error.h"
#include "http/client.h"
#include "local/cloud.h"

namespace nimbus::cli {
namespace {

constexpr const char* local_bucket = "nimbus-state";

} // namespace

std::unique_ptr<aws::Client> make_local_client(const local::HomeSettings& cloud,
                                               const std::string& region)
{
    aws::ClientOptions options;
    options.region = region;
    options.endpoints.all = local::endpoint_of(cloud);
    const auto& keys = cloud.administrator;
    return std::make_unique<aws::Client>(
        std::make_shared<http::Client>(),
        aws::fixed_credentials({.access_key_id = keys.access_key_id,
                                .secret_access_key = keys.secret_access_key,
                                .session_token = {}}),
        options);
}

OpenTarget OpenTarget::open(const TargetSettings& settings, const std::string& region,
                            Progress* progress)
{
    return settings.kind == TargetSettings::Kind::local ? to_local(region, progress)
                                                        : to_aws(settings, region, progress);
}

OpenTarget OpenTarget::to_local(const std::string& region, Progress* progress)
{
    const auto home = local::Home::from_environment();
    if (progress && !find_running(home))
        progress->phase("Starting the local cloud");
    const auto cloud = start_local_cloud(home).settings;
    OpenTarget opened;
    opened.client_ = make_local_client(cloud, region);
    opened.target_ = std::make_unique<deploy::Target>(deploy::Target{.name = "local",
                                                                     .client = *opened.client_,
                                                                     .region = region,
                                                                     .account_id = cloud.account_id,
                                                                     .bucket = local_bucket,
                                                                     .ca_file = home.ca_file()});
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
    const auto http = std::make_shared<http::Client>();
    OpenTarget opened;
    opened.client_ = std::make_unique<aws::Client>(
        http, aws::credential_chain(http),
        aws::with_environment({.region = region}, aws::process_environment()));
    if (progress)
        progress->phase("Asking AWS who is calling");
    const auto caller = opened.client_->call(aws::sts::GetCallerIdentity{});
    opened.target_ = std::make_unique<deploy::Target>(deploy::Target{.name = "aws",
                                                                     .client = *opened.client_,
                                                                     .region = region,
                                                                     .account_id = caller.account,
                                                                     .bucket = settings.bucket,
                                                                     .ca_file = {}});
    return opened;
}

} // namespace nimbus::cli

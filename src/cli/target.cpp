#include "cli/target.h"

#include "aws/credential_chain.h"
#include "aws/ops/sts/identity.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/local_process.h"
#include "local/cloud.h"

#include <cstdlib>

namespace nimbus::cli {
namespace {

constexpr const char* settings_file_name = ".nimbusrc";
constexpr const char* local_bucket = "nimbus-state";

[[noreturn]] void throw_wrong_settings(const std::filesystem::path& file, const std::string& what)
{
    throw UsageError(file.string() + ": " + what,
                     "Write {\"target\": \"local\"}, or {\"target\": \"aws\", \"bucket\": \"…\", "
                     "\"region\": \"…\"}; 'nimbus init' does it for you.");
}

TargetSettings parse_settings(const std::filesystem::path& file, const std::string& text)
{
    json::value document;
    try {
        document = parse_json(text, file.string());
    } catch (const Error& error) {
        throw UsageError(error.what(), error.hint());
    }
    const auto* object = document.if_object();
    if (!object)
        throw_wrong_settings(file, "has to hold a JSON object");
    for (const auto& member : *object)
        if (member.key() != "target" && member.key() != "bucket" && member.key() != "region")
            throw_wrong_settings(file, "there is no setting '" + std::string(member.key()) + "'");
    TargetSettings settings;
    settings.file = file;
    const auto kind = string_or_empty(*object, "target");
    if (kind == "local")
        return settings;
    if (kind != "aws")
        throw_wrong_settings(file, kind.empty() ? "'target' is missing"
                                                : "there is no target '" + kind + "'");
    settings.kind = TargetSettings::Kind::aws;
    settings.bucket = string_or_empty(*object, "bucket");
    settings.region = string_or_empty(*object, "region");
    if (settings.bucket.empty() || settings.region.empty())
        throw_wrong_settings(file, "target \"aws\" needs 'bucket' and 'region'");
    return settings;
}

aws::ClientOptions local_options(const local::HomeSettings& cloud, const std::string& region)
{
    aws::ClientOptions options;
    options.region = region;
    options.endpoints.all = local::endpoint_of(cloud);
    return options;
}

} // namespace

TargetSettings read_target_settings(const std::filesystem::path& directory)
{
    std::vector<std::filesystem::path> places{directory / settings_file_name};
    if (const char* home = std::getenv("HOME"); home && *home)
        places.push_back(std::filesystem::path(home) / settings_file_name);
    for (const auto& file : places)
        if (const auto text = read_file_if_exists(file))
            return parse_settings(file, *text);
    return {};
}

std::string to_json(const TargetSettings& settings)
{
    json::object document;
    if (settings.kind == TargetSettings::Kind::local)
        document = {{"target", "local"}};
    else
        document = {{"target", "aws"}, {"bucket", settings.bucket}, {"region", settings.region}};
    return pretty_json(document);
}

Connection Connection::open(const TargetSettings& settings, const std::string& region,
                            Progress* progress)
{
    Connection connection;
    auto http = std::make_shared<http::Client>();
    if (settings.kind == TargetSettings::Kind::local) {
        const auto home = local::Home::from_environment();
        if (progress && !find_running(home))
            progress->phase("Starting the local cloud");
        const auto cloud = start_local_cloud(home).settings;
        connection.client_ = std::make_unique<aws::Client>(
            http,
            aws::fixed_credentials({.access_key_id = cloud.administrator.access_key_id,
                                    .secret_access_key = cloud.administrator.secret_access_key,
                                    .session_token = {}}),
            local_options(cloud, region));
        connection.target_.reset(new deploy::Target{.name = "local",
                                                    .client = *connection.client_,
                                                    .region = region,
                                                    .account_id = cloud.account_id,
                                                    .bucket = local_bucket,
                                                    .ca_file = home.ca_file()});
        return connection;
    }

    if (settings.region != region)
        throw UsageError("The state bucket " + settings.bucket + " is in " + settings.region +
                             ", but the application asks for " + region,
                         "Lambda takes code from a bucket in its own Region: name a bucket in " +
                             region + " with 'nimbus init --bucket B --region " + region + "'.");
    connection.client_ = std::make_unique<aws::Client>(
        http, aws::credential_chain(http),
        aws::with_environment({.region = region}, aws::process_environment()));
    if (progress)
        progress->phase("Asking AWS who is calling");
    const auto caller = connection.client_->call(aws::sts::GetCallerIdentity{});
    connection.target_.reset(new deploy::Target{.name = "aws",
                                                .client = *connection.client_,
                                                .region = region,
                                                .account_id = caller.account,
                                                .bucket = settings.bucket,
                                                .ca_file = {}});
    return connection;
}

} // namespace nimbus::cli

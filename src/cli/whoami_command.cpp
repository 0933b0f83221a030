#include "aws/region.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/target.h"

#include <fmt/core.h>

#include <filesystem>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    bool aws = false, json = false;
};

/// Who calls, where, and with what.
struct Caller {
    std::string target;
    aws::RegionSetting region;
    aws::sts::GetCallerIdentity::Response identity;
    aws::Credentials credentials;
};

Caller local_caller(Progress& progress)
{
    const auto cloud = running_local_cloud(local::Home::from_environment(), &progress);
    const auto client = make_local_client(cloud, cloud.region);
    return {.target = "local",
            .region = {.name = cloud.region, .origin = "local cloud"},
            .identity = client->call(aws::sts::GetCallerIdentity{}),
            .credentials = client->credentials()};
}

Caller aws_caller(const TargetSettings& settings, Progress& progress)
{
    auto region =
        settings.kind == TargetSettings::Kind::aws
            ? aws::RegionSetting{.name = settings.region, .origin = settings.file.string()}
            : aws::find_region({}, aws::process_environment());
    auto caller =
        sign_in_to_aws(region.name.empty() ? aws::any_region_of("aws") : region.name, &progress);
    return {.target = "aws",
            .region = std::move(region),
            .identity = std::move(caller.identity),
            .credentials = caller.client->credentials()};
}

json::value text_or_null(const std::string& text)
{
    return text.empty() ? json::value() : json::value(text);
}

json::object to_json(const Caller& caller)
{
    const auto& credentials = caller.credentials;
    return {{"target", caller.target},
            {"account", caller.identity.account},
            {"arn", caller.identity.arn},
            {"userId", caller.identity.user_id},
            {"region", text_or_null(caller.region.name)},
            {"regionSource", text_or_null(caller.region.origin)},
            {"credentials",
             json::object{{"source", credentials.origin},
                          {"accessKeyId", credentials.keys.access_key_id},
                          {"expires", credentials.expires ? json::value(format_iso8601_seconds(
                                                                *credentials.expires))
                                                          : json::value()}}}};
}

std::string describe(const Caller& caller)
{
    const auto& [name, origin] = caller.region;
    const auto& expires = caller.credentials.expires;
    return fmt::format("{}\n"
                       "  account      {}\n"
                       "  user id      {}\n"
                       "  credentials  {}{}\n"
                       "  region       {}\n"
                       "  target       {}\n",
                       caller.identity.arn, caller.identity.account, caller.identity.user_id,
                       caller.credentials.origin,
                       expires ? ", good until " + format_iso8601_seconds(*expires) : "",
                       name.empty() ? "none is set" : name + " (" + origin + ")", caller.target);
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto settings = read_target_settings(std::filesystem::current_path());
    const bool is_local = settings.kind == TargetSettings::Kind::local && !options.aws;
    const auto caller = is_local ? local_caller(progress) : aws_caller(settings, progress);
    progress.pause();
    if (options.json)
        print_json(to_json(caller));
    else
        std::cout << describe(caller);
    return done;
}

} // namespace

void add_whoami(const Command& root)
{
    add_command<Options>(
        root, "whoami", "Show whose credentials are used, and where they come from",
        [](const Command& command, Options& options) {
            command.flag("--aws", options.aws, "Ask AWS, also where the target is the local cloud");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples(
                {{"nimbus whoami", "whose account a deploy would use"},
                 {"AWS_PROFILE=dev nimbus whoami --aws", "before the first 'nimbus init'"}});
        },
        run);
}

} // namespace nimbus::cli

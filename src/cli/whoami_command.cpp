#include "aws/ops/sts/identity.h"
#include "aws/region.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/target.h"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

namespace nimbus::cli {
namespace {

struct Options {
    bool aws = false, json = false;
};

/// Whom to ask, and where.
struct Question {
    std::string target;
    aws::RegionSetting region; ///< without a name: any answers
    std::unique_ptr<aws::Client> client;
};

Question ask_local(Progress& progress)
{
    const auto cloud = running_local_cloud(local::Home::from_environment(), &progress);
    return {.target = "local",
            .region = {.name = cloud.region, .origin = "local cloud"},
            .client = make_local_client(cloud, cloud.region)};
}

Question ask_aws(const TargetSettings& settings, Progress& progress)
{
    auto region =
        settings.kind == TargetSettings::Kind::aws
            ? aws::RegionSetting{.name = settings.region, .origin = settings.file.string()}
            : aws::find_region({}, aws::process_environment());
    auto client =
        make_aws_client(region.name.empty() ? aws::any_region_of("aws") : region.name, &progress);
    progress.phase("Asking AWS who is calling");
    return {.target = "aws", .region = std::move(region), .client = std::move(client)};
}

json::value text_or_null(const std::string& text)
{
    return text.empty() ? json::value() : json::value(text);
}

json::object to_json(const Question& question, const aws::sts::GetCallerIdentity::Response& caller,
                     const aws::Credentials& credentials)
{
    return {{"target", question.target},
            {"account", caller.account},
            {"arn", caller.arn},
            {"userId", caller.user_id},
            {"region", text_or_null(question.region.name)},
            {"regionSource", text_or_null(question.region.origin)},
            {"credentials",
             json::object{{"source", credentials.origin},
                          {"accessKeyId", credentials.keys.access_key_id},
                          {"expires", credentials.expires ? json::value(format_iso8601_seconds(
                                                                *credentials.expires))
                                                          : json::value()}}}};
}

std::string describe(const Question& question, const aws::sts::GetCallerIdentity::Response& caller,
                     const aws::Credentials& credentials)
{
    const auto& region = question.region;
    return fmt::format(
        "{}\n"
        "  account      {}\n"
        "  user id      {}\n"
        "  credentials  {}{}\n"
        "  region       {}\n"
        "  target       {}\n",
        caller.arn, caller.account, caller.user_id, credentials.origin,
        credentials.expires
            ? fmt::format(", good until {}", format_iso8601_seconds(*credentials.expires))
            : "",
        region.name.empty() ? "none is set" : fmt::format("{} ({})", region.name, region.origin),
        question.target);
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto settings = read_target_settings(std::filesystem::current_path());
    const bool is_local = settings.kind == TargetSettings::Kind::local && !options.aws;
    const auto question = is_local ? ask_local(progress) : ask_aws(settings, progress);
    const auto caller = question.client->call(aws::sts::GetCallerIdentity{});
    const auto credentials = question.client->credentials();
    progress.pause();
    if (options.json)
        print_json(to_json(question, caller, credentials));
    else
        std::cout << describe(question, caller, credentials);
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
                {{"nimbus whoami", "account and Region that a deploy would use"},
                 {"AWS_PROFILE=dev nimbus whoami --aws", "before the first 'nimbus init'"}});
        },
        run);
}

} // namespace nimbus::cli

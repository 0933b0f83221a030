#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/target.h"

#include <filesystem>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    bool local = false;
    std::string bucket, region;
};

TargetSettings asked(const Terminal& terminal)
{
    TargetSettings settings;
    std::cerr << "Where should 'nimbus deploy' deploy to?\n"
                 "  1) a local cloud on this machine (no account needed)\n"
                 "  2) AWS\n";
    const auto choice = terminal.ask("Choose 1 or 2 [1]: ");
    if (choice.empty() || choice == "1" || choice == "local")
        return settings;
    if (choice != "2" && choice != "aws")
        throw UsageError("'" + choice + "' is neither 1 nor 2");
    settings.kind = TargetSettings::Kind::aws;
    settings.region = terminal.ask("AWS Region, such as us-east-1: ");
    settings.bucket = terminal.ask("S3 bucket for Nimbus's state, in that Region: ");
    if (settings.region.empty() || settings.bucket.empty())
        throw UsageError("A Region and a bucket are needed to deploy to AWS");
    return settings;
}

int run(const Options& options, const Terminal& terminal)
{
    TargetSettings settings;
    if (!options.bucket.empty()) {
        settings.kind = TargetSettings::Kind::aws;
        settings.bucket = options.bucket;
        settings.region = options.region;
    } else if (!options.local) {
        if (!terminal.has_person())
            throw UsageError("Nobody is here to be asked where to deploy to",
                             "Say it: 'nimbus init --local', or 'nimbus init --bucket B --region "
                             "R'.");
        settings = asked(terminal);
    }
    const auto file = std::filesystem::current_path() / ".nimbusrc";
    write_file(file, to_json(settings));
    std::cout << "Wrote " << file.string() << ": "
              << (settings.kind == TargetSettings::Kind::local
                      ? "deploys go to the local cloud"
                      : "deploys go to AWS, " + settings.region + ", with their state in " +
                            settings.bucket)
              << ".\n";
    return done;
}

} // namespace

void add_init(const Command& root)
{
    add_command<Options>(
        root, "init", "Choose where this directory is deployed to",
        [](const Command& command, Options& options) {
            command.flag("--local", options.local, "The local cloud");
            command.option("--bucket", options.bucket, "B",
                           "AWS: the S3 bucket that holds the state");
            command.option("--region", options.region, "R", "AWS: the bucket's Region");
            command.needs("--bucket", "--region");
            command.needs("--region", "--bucket");
            command.excludes("--bucket", "--local");
            command.excludes("--region", "--local");
        },
        run);
}

} // namespace nimbus::cli

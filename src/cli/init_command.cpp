#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/target_settings.h"

#include <filesystem>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    bool local = false;
    std::string bucket, region;
};

/// Asks until the answer has no mistake; `otherwise` is what an empty one means.
std::string need_answer(const Terminal& terminal, const std::string& question,
                        const std::string& otherwise, std::string (*mistake)(std::string_view))
{
    for (;;) {
        auto answer = terminal.ask(question);
        if (!answer)
            throw Error("No .nimbusrc was written");
        if (answer->empty())
            answer = otherwise;
        const auto wrong = mistake(*answer);
        if (wrong.empty())
            return *answer;
        std::cerr << wrong << "\n";
    }
}

std::string choice_mistake(std::string_view choice)
{
    const bool known = choice == "1" || choice == "2" || choice == "local" || choice == "aws";
    return known ? "" : "'" + std::string(choice) + "' is neither 1 nor 2";
}

TargetSettings asked(const Terminal& terminal)
{
    TargetSettings settings;
    std::cerr << "Where should 'nimbus deploy' deploy to?\n"
                 "  1) a local cloud on this machine (no account needed)\n"
                 "  2) AWS\n";
    const auto choice = need_answer(terminal, "Choose 1 or 2 [1]: ", "1", choice_mistake);
    if (choice == "1" || choice == "local")
        return settings;
    settings.kind = TargetSettings::Kind::aws;
    settings.region =
        need_answer(terminal, "AWS Region [us-east-1]: ", "us-east-1", region_mistake);
    settings.bucket =
        need_answer(terminal, "S3 bucket for Nimbus's state, in that Region: ", "", bucket_mistake);
    return settings;
}

void check(const TargetSettings& settings)
{
    for (const auto& mistake : {region_mistake(settings.region), bucket_mistake(settings.bucket)})
        if (!mistake.empty())
            throw UsageError(mistake);
}

int run(const Options& options, const Terminal& terminal)
{
    TargetSettings settings;
    if (!options.bucket.empty()) {
        settings.kind = TargetSettings::Kind::aws;
        settings.bucket = options.bucket;
        settings.region = options.region;
        check(settings);
    } else if (!options.local) {
        if (!terminal.has_person())
            throw UsageError("Nobody is here to say where to deploy to",
                             "Run 'nimbus init --local', or 'nimbus init --bucket B --region "
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
            command.examples({{"nimbus init", "asks"},
                              {"nimbus init --local", "no account needed"},
                              {"nimbus init --bucket my-state --region us-east-1", "AWS"}});
        },
        run);
}

} // namespace nimbus::cli

#include "base/arn.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/deployment.h"
#include "cli/outputs.h"
#include "cli/question.h"
#include "cli/target_settings.h"
#include "deploy/deployer_policy.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kms_key.h"
#include "deploy/state_bucket.h"
#include "manifest/grammar.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>

#include <filesystem>
#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    bool local = false, create_bucket = false, policy = false;
    std::string bucket, region, kms_key, account;
    ApplicationOptions application; ///< whose policy
};

/// What a run ends up with.
struct Choice {
    TargetSettings settings;
    bool create_bucket = false;
};

constexpr const char* given_up = "No .nimbusrc was written";

std::string choice_mistake(std::string_view choice)
{
    const bool known = choice == "1" || choice == "2" || choice == "local" || choice == "aws";
    return known ? "" : "'" + std::string(choice) + "' is neither 1 nor 2";
}

void check_kms_key(const std::string& key, const std::string& region)
{
    if (key.empty())
        return;
    if (!deploy::is_kms_key_arn(key))
        throw UsageError("--kms-key must be the ARN of a KMS key, not '" + key + "'",
                         "It is like arn:aws:kms:us-east-1:123456789012:key/1234abcd-…; "
                         "'aws kms describe-key' shows that of an alias.");
    if (const auto arn = Arn::parse(key); arn->region != region)
        throw UsageError("The KMS key is in " + arn->region + ", and the bucket in " + region,
                         "S3 encrypts a bucket with keys of its own Region.");
}

/// An empty answer stands for a bucket of Nimbus's choice.
std::string optional_bucket_mistake(std::string_view bucket)
{
    return bucket.empty() ? "" : bucket_mistake(bucket);
}

Choice asked(const Terminal& terminal)
{
    Choice choice;
    auto& settings = choice.settings;
    std::cerr << "Where should 'nimbus deploy' deploy to?\n"
                 "  1) a local cloud on this machine (no account needed)\n"
                 "  2) AWS\n";
    const auto target = need_answer(terminal, "Choose 1 or 2 [1]: ", "1", choice_mistake, given_up);
    if (target == "1" || target == "local")
        return choice;
    settings.kind = TargetSettings::Kind::aws;
    settings.region =
        need_answer(terminal, "AWS Region [us-east-1]: ", "us-east-1", region_mistake, given_up);
    settings.bucket =
        need_answer(terminal, "S3 bucket for Nimbus's state, in that Region [create one]: ", "",
                    optional_bucket_mistake, given_up);
    choice.create_bucket =
        settings.bucket.empty() ||
        terminal.confirm("Create the bucket if it does not exist, and check its settings?");
    return choice;
}

void check(const Options& options)
{
    if (const auto mistake = region_mistake(options.region); !mistake.empty())
        throw UsageError(mistake, "Give --region the code of a Region, such as us-east-1.");
    if (const auto mistake = optional_bucket_mistake(options.bucket); !mistake.empty())
        throw UsageError(mistake, "Give --bucket another name, or leave it out with "
                                  "--create-bucket: Nimbus then chooses one.");
    if (options.bucket.empty() && !options.create_bucket)
        throw UsageError("--region needs --bucket or --create-bucket",
                         "Name the bucket that holds the state, or let Nimbus create one.");
    check_kms_key(options.kms_key, options.region);
}

Choice choose(const Options& options, const Terminal& terminal)
{
    if (options.local)
        return {};
    if (!options.region.empty()) {
        check(options);
        return {.settings = {.kind = TargetSettings::Kind::aws,
                             .bucket = options.bucket,
                             .region = options.region,
                             .file = {}},
                .create_bucket = options.create_bucket};
    }
    if (!terminal.has_person())
        throw UsageError("This is not a terminal, so nobody can be asked where to deploy to",
                         "Run 'nimbus init --local', 'nimbus init --create-bucket --region R', or "
                         "'nimbus init --bucket B --region R'.");
    return asked(terminal);
}

std::string text_of(const deploy::PreparedBucket& prepared, const TargetSettings& settings)
{
    auto text = (prepared.created ? "Created the bucket " : "Checked the bucket ") +
                settings.bucket + " in " + settings.region;
    text += prepared.changes.empty() ? ": nothing had to be changed.\n"
                                     : ": " + join(prepared.changes, ", ") + ".\n";
    for (const auto& missing : prepared.missing)
        text += "Not set, because the endpoint does not have it: " + missing + "\n";
    return text;
}

/// Names the bucket in `settings` unless they do.
std::string create_bucket(TargetSettings& settings, const std::string& kms_key,
                          const Terminal& terminal)
{
    Progress progress(terminal);
    const auto caller = sign_in_to_aws(settings.region, &progress);
    const auto& account = caller.identity.account;
    if (settings.bucket.empty())
        settings.bucket = deploy::default_state_bucket(account, settings.region);
    const deploy::Target target{.name = "aws",
                                .client = *caller.client,
                                .region = settings.region,
                                .account_id = account,
                                .bucket = settings.bucket,
                                .ca_file = {}};
    const auto prepared =
        deploy::prepare_state_bucket(deploy::all_kinds(), target, kms_key, progress);
    progress.pause();
    return text_of(prepared, settings);
}

/// The program's manifest; `--stage` may be a pattern, such as pr-*.
manifest::Manifest load_manifest(const ApplicationOptions& options, Progress& progress)
{
    if (options.stage.find('*') == std::string::npos)
        return load_application(options, progress).manifest;
    const auto& rule = manifest::stage_rule;
    if (!rule.holds(replace_all(options.stage, "*", "x")))
        throw UsageError("--stage must be " + std::string(rule.allowed) +
                         ", with * for any of them, not '" + options.stage + "'");
    auto manifest = load_application({.file = options.file, .stage = {}}, progress).manifest;
    manifest.stage = options.stage;
    return options.preview
               ? manifest::as_preview(std::move(manifest), deploy::all_kinds().sections())
               : manifest;
}

/// What is deployed already. Nothing, with a note, when that cannot be read: the policy is printed
/// all the same, for who may not read the state yet.
deploy::State recorded_for(const manifest::Manifest& manifest, const OpenTarget& target,
                           Progress& progress)
{
    const deploy::DeploymentId id{
        .project = manifest.project, .stage = manifest.stage, .region = manifest.region};
    try {
        return deploy::recorded_in(deploy::all_kinds(), *target, id);
    } catch (const Error& error) {
        progress.note("The policy covers what the program declares only. What is deployed was not "
                      "looked at: " +
                      std::string(error.what()));
        return {};
    }
}

/// In the place of an account ID that nobody told.
constexpr const char* account_placeholder = "ACCOUNT_ID";

bool is_account_id(std::string_view text)
{
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What the policy is for, and what is deployed there.
struct PolicyTarget {
    OpenTarget target;
    deploy::State recorded;
};

PolicyTarget unreached_target(const TargetSettings& settings, const manifest::Manifest& manifest,
                              const std::string& account)
{
    return {.target = OpenTarget::unreached(settings, manifest.region, account), .recorded = {}};
}

PolicyTarget reached_target(const TargetSettings& settings, const manifest::Manifest& manifest,
                            Progress& progress)
{
    auto target = OpenTarget::open(settings, manifest.region, &progress);
    auto recorded = recorded_for(manifest, target, progress);
    return {.target = std::move(target), .recorded = std::move(recorded)};
}

/// A policy needs neither credentials nor a local cloud: it is made from the program where there
/// are none, and a note says what was not looked at.
PolicyTarget policy_target(const TargetSettings& settings, const manifest::Manifest& manifest,
                           const std::string& account, Progress& progress)
{
    const std::string program_only = "The policy covers what the program declares only, not what "
                                     "is deployed already. ";
    if (!account.empty()) {
        progress.note(program_only + "Nobody was asked, because --account says the account.");
        return unreached_target(settings, manifest, account);
    }
    const auto replace_it = std::string("Replace ") + account_placeholder +
                            " with the account's ID, or pass --account.";
    if (settings.kind == TargetSettings::Kind::local &&
        !find_running(local::Home::from_environment())) {
        progress.note(program_only + "The local cloud is not running. " + replace_it);
        return unreached_target(settings, manifest, account_placeholder);
    }
    try {
        return reached_target(settings, manifest, progress);
    } catch (const UsageError&) {
        throw;
    } catch (const Error& error) {
        progress.note(program_only + "AWS could not be asked: " + error.what() + ". " + replace_it);
        return unreached_target(settings, manifest, account_placeholder);
    }
}

/// Prints what IAM has to allow to who deploys the application.
int print_policy(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto settings = read_target_settings(std::filesystem::current_path());
    const auto manifest = load_manifest(options.application, progress);
    check_kms_key(options.kms_key, manifest.region);
    if (!options.account.empty() && !is_account_id(options.account))
        throw UsageError("--account must be an account ID of 12 digits, not '" + options.account +
                         "'");
    const auto [target, recorded] = policy_target(settings, manifest, options.account, progress);
    if (settings.kind == TargetSettings::Kind::local)
        progress.note("The target is local: account, bucket and permissions boundary are those of "
                      "the local cloud. For a policy on AWS, run 'nimbus init' first, which makes "
                      "AWS the target.");
    const auto policy =
        deploy::deployer_policy(deploy::all_kinds(), *target, manifest, recorded, options.kms_key);
    const auto size = json::serialize(policy).size();
    if (size > deploy::most_managed_policy_characters)
        progress.note("The policy has " + std::to_string(size) +
                      " characters, but a managed policy of IAM's holds " +
                      std::to_string(deploy::most_managed_policy_characters) +
                      ". Divide its statements between two.");
    progress.pause();
    print_json(policy);
    return done;
}

/// " (replaced: was AWS, my-state)"; "" when there was none, or the same.
std::string replaced(const std::filesystem::path& file, const TargetSettings& settings)
{
    const auto text = read_file_if_exists(file);
    if (!text || *text == to_json(settings))
        return {};
    try {
        const auto before = parse_target_settings(file, *text);
        return " (replaced: was " +
               (before.kind == TargetSettings::Kind::local ? std::string("the local cloud")
                                                           : "AWS, " + before.bucket) +
               ")";
    } catch (const UsageError&) {
        return " (replaced: was not valid)";
    }
}

int run(const Options& options, const Terminal& terminal)
{
    if (options.policy)
        return print_policy(options, terminal);
    if (!options.kms_key.empty() && !options.create_bucket)
        throw UsageError("--kms-key needs --create-bucket or --policy",
                         "The key encrypts the bucket that Nimbus creates, or is in the policy.");
    auto [settings, is_bucket_wanted] = choose(options, terminal);
    if (is_bucket_wanted)
        std::cout << create_bucket(settings, options.kms_key, terminal);
    const auto file = std::filesystem::current_path() / ".nimbusrc";
    const auto note = replaced(file, settings);
    write_file(file, to_json(settings));
    std::cout << "Wrote " << file.string() << ": "
              << (settings.kind == TargetSettings::Kind::local
                      ? "deploys go to the local cloud"
                      : "deploys go to AWS, " + settings.region + ", with their state in " +
                            settings.bucket)
              << note << ".\n";
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
            command.flag("--create-bucket", options.create_bucket,
                         "AWS: create the bucket if there is none, and put its settings right "
                         "(default name: nimbus-state-ACCOUNT-REGION)");
            command.option("--kms-key", options.kms_key, "ARN",
                           "AWS: the KMS key that encrypts the bucket, for --create-bucket and "
                           "--policy (default: S3's own keys)");
            command.flag("--policy", options.policy,
                         "Write nothing; print the least IAM policy that a deployer of the "
                         "application needs");
            command.option("--account", options.account, "ID",
                           "With --policy: the account it is for; nobody is asked then");
            declare_application(command, options.application);
            declare_preview(command, options.application);
            command.needs("--account", "--policy");
            command.needs("FILE", "--policy");
            command.needs("--stage", "--policy");
            command.needs("--preview", "--stage");
            command.needs("--bucket", "--region");
            command.needs("--create-bucket", "--region");
            for (const char* name : {"--bucket", "--region", "--create-bucket"}) {
                command.excludes(name, "--local");
                command.excludes(name, "--policy");
            }
            command.excludes("--policy", "--local");
            command.excludes("--kms-key", "--local");
            command.examples(
                {{"nimbus init", "asks"},
                 {"nimbus init --local", "no account needed"},
                 {"nimbus init --create-bucket --region us-east-1", "AWS, from nothing"},
                 {"nimbus init --bucket my-state --region us-east-1", "AWS"},
                 {"nimbus init --policy", "for the role that deploys"}});
        },
        run);
}

} // namespace nimbus::cli

#include "aws/api_error.h"
#include "aws/ops/dsql/clusters.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hosts_file.h"
#include "cli/api_addresses.h"
#include "cli/cloud_answers.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/dev_cloud.h"
#include "cli/fault_report.h"
#include "cli/hosts_block.h"
#include "cli/local_process.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/target.h"
#include "local/cloud.h"

#include <fmt/core.h>

#include <iostream>

/// nimbus local start | stop | status | reset and those that have a file of their own, and the
/// hidden `serve` that is the cloud itself.
namespace nimbus::cli {
namespace {

constexpr const char* system_hosts = "/etc/hosts";

struct StartOptions {
    std::optional<std::uint16_t> port;
    std::string log_level;
    bool no_sandbox = false;
    bool json = false; ///< also that of `status`
};

CloudStart how_to_start(const StartOptions& options)
{
    CloudStart how{.port = options.port, .log_level = {}, .no_sandbox = options.no_sandbox};
    how.log_level = parse_log_level(options.log_level);
    return how;
}

struct ResetOptions {
    bool yes = false;
};

struct NoOptions {};

int stop(const NoOptions&, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto home = local::Home::from_environment();
    if (home.running_process())
        progress.phase("Stopping the local cloud");
    const bool ran = stop_local_cloud(home);
    progress.pause();
    std::cout << (ran ? "The local cloud is stopped; its data is kept.\n"
                      : "The local cloud is not running.\n");
    return done;
}

json::array clusters_of(const local::Home& home, const aws::Client& client,
                        const HostAddresses& names)
{
    std::vector<std::string> identifiers;
    client.for_each_page(aws::dsql::ListClusters{}, [&](const auto& page) {
        for (const auto& cluster : page.clusters)
            identifiers.push_back(cluster.identifier);
    });
    json::array clusters;
    for (const auto& identifier : identifiers) {
        const auto cluster = client.find(aws::dsql::GetCluster{.identifier = identifier});
        if (!cluster)
            continue;
        json::object tags;
        for (const auto& [key, value] : cluster->tags)
            tags[key] = value;
        const auto version = local::postgres_version_of(home, identifier);
        const auto address = names.find(cluster->endpoint);
        clusters.push_back(json::object{
            {"identifier", identifier},
            {"status", cluster->status},
            {"endpoint", cluster->endpoint},
            {"hostaddr", address == names.end() ? json::value() : json::value(address->second)},
            {"arn", cluster->arn},
            {"postgresVersion", version ? json::value(*version) : json::value(nullptr)},
            {"tags", std::move(tags)}});
    }
    return clusters;
}

/// What of `names` other programs do not find.
json::object names_document(const HostAddresses& names)
{
    json::array missing;
    for (const auto& [name, address] :
         missing_names(read_file_if_exists(system_hosts).value_or(""), names))
        missing.emplace_back(name);
    return {{"file", system_hosts}, {"missing", std::move(missing)}};
}

/// A cloud that an earlier version of Nimbus started knows no faults.
json::object faults_of(const aws::Client& client)
{
    try {
        return client.call(GetFaults{});
    } catch (const aws::ApiError&) {
        return no_faults();
    }
}

/// A cloud that an earlier version of Nimbus started does not tell.
json::array apis_of(const aws::Client& client)
{
    try {
        return client.call(GetApiAddresses{});
    } catch (const aws::ApiError&) {
        return {};
    }
}

json::object status_document(const local::Home& home)
{
    const auto names = parse_hosts(read_file_if_exists(home.hosts_file()).value_or(""));
    const auto running = find_answering(home);
    const auto settings = running ? std::optional(running->settings) : home.read_settings();
    json::object document{{"running", running.has_value()},
                          {"pid", running ? json::value(running->pid) : json::value(nullptr)},
                          {"home", home.root().string()}};
    const auto text_or_null = [](bool there, std::string_view text) {
        return there ? json::value(text) : json::value(nullptr);
    };
    document["endpoint"] =
        text_or_null(running.has_value(), running ? local::endpoint_of(running->settings) : "");
    document["accountId"] =
        text_or_null(settings.has_value(), settings ? settings->account_id : "");
    document["region"] = text_or_null(settings.has_value(), settings ? settings->region : "");
    document["credentials"] =
        settings ? json::value({{"accessKeyId", settings->administrator.access_key_id},
                                {"secretAccessKey", settings->administrator.secret_access_key}})
                 : json::value(nullptr);
    document["caFile"] = text_or_null(settings.has_value(), home.ca_file().string());
    document["logFile"] = text_or_null(settings.has_value(), home.log_file().string());
    document["hostsFile"] = text_or_null(settings.has_value(), home.hosts_file().string());
    document["names"] = names_document(names);
    const auto client =
        running ? make_local_client(running->settings, running->settings.region) : nullptr;
    document["clusters"] = client ? clusters_of(home, *client, names) : json::array();
    document["apis"] = client ? apis_of(*client) : json::array();
    document["sandbox"] = running ? json::value(local::sandbox_of(home)) : json::value(nullptr);
    document["faults"] = client ? faults_of(*client) : no_faults();
    return document;
}

int start(const StartOptions& options, const Terminal& terminal)
{
    const auto how = how_to_start(options);
    Progress progress(terminal);
    const auto home = local::Home::from_environment();
    const auto cloud = start_and_tell(home, how, &progress);
    outlive_development(home);
    progress.pause();
    if (options.json) {
        print_json(status_document(home));
        return done;
    }
    std::cout << fmt::format("The local cloud {} at {} (process {}).\n",
                             cloud.was_running ? "is already running" : "is running",
                             local::endpoint_of(cloud.settings), cloud.pid);
    return done;
}

void print_cluster(const json::object& cluster)
{
    const auto text = [&](const char* key) { return string_or_empty(cluster, key); };
    std::cout << fmt::format(
        "  Cluster    {} {}\n             host={} hostaddr={} dbname=postgres\n",
        text("identifier"), text("status"), text("endpoint"), text("hostaddr"));
    const auto& version = cluster.at("postgresVersion");
    const auto remark =
        version.is_int64() ? local::remark_on_postgres(static_cast<int>(version.as_int64())) : "";
    if (!remark.empty())
        std::cout << "             " << remark << '\n';
}

void print_api(const json::object& api)
{
    std::cout << fmt::format(
        "  API        {} is at {} until the next start: another program has its port {}\n",
        string_or_empty(api, "name"), string_or_empty(api, "endpoint"),
        api.at("ownPort").to_number<unsigned>());
}

void print_sandbox(const json::object& sandbox)
{
    if (sandbox.at("on").as_bool())
        std::cout << fmt::format(
            "  Sandbox    functions see their code, a /tmp of their own and the system's programs\n"
            "             at most {} processes for {}; memory is looked at, not limited\n",
            sandbox.at("processLimit").to_number<int>(),
            string_or_empty(sandbox, "processLimitOf") == "instance" ? "each instance"
                                                                     : "all instances");
    else
        std::cout << "  Sandbox    none: functions see what you see ("
                  << string_or_empty(sandbox, "reason") << ")\n";
}

void print_status(const json::object& document)
{
    const auto text = [&](const char* key) { return std::string(document.at(key).as_string()); };
    std::cout << fmt::format("The local cloud of {} is running (process {}).\n\n"
                             "  Endpoint   {}\n  Account    {}\n  CA file    {}\n  Log file   {}\n",
                             text("home"), document.at("pid").as_int64(), text("endpoint"),
                             text("accountId"), text("caFile"), text("logFile"));
    print_sandbox(document.at("sandbox").as_object());
    for (const auto& cluster : document.at("clusters").as_array())
        print_cluster(cluster.as_object());
    for (const auto& api : document.at("apis").as_array())
        if (is_elsewhere(api.as_object()))
            print_api(api.as_object());
    if (!document.at("names").at("missing").as_array().empty())
        std::cout
            << "\nOther programs find these clusters by name after 'nimbus local names', which "
               "writes to\n"
            << system_hosts << ". Until then, give libpq the address, too, as above.\n";
    if (const auto& faults = document.at("faults").as_object(); faults.at("on").as_bool())
        std::cout << '\n' << faults_sentence(faults) << '\n';
    std::cout << "\nThe credentials for AWS's own tools: nimbus local status --json\n";
}

int status(const StartOptions& options, const Terminal&)
{
    const auto home = local::Home::from_environment();
    const auto document = status_document(home);
    if (options.json)
        print_json(document);
    else if (document.at("running").as_bool())
        print_status(document);
    else
        std::cout << "The local cloud of " << home.root().string()
                  << " is not running. 'nimbus deploy' and 'nimbus local start' start it.\n";
    return done;
}

int reset(const ResetOptions& options, const Terminal& terminal)
{
    const auto home = local::Home::from_environment();
    if (!std::filesystem::exists(home.root())) {
        std::cout << "There is nothing in " << home.root().string() << ".\n";
        return done;
    }
    home.require_home();
    if (!options.yes) {
        confirm({.deed = "the local cloud is deleted",
                 .question = "Delete all databases, functions and files of the local cloud in " +
                             home.root().string() + "?",
                 .refusal = "Nothing was changed"},
                terminal);
    }
    Progress progress(terminal);
    progress.phase("Deleting the local cloud");
    {
        const auto one_at_a_time = local::wait_for_file_lock(home.start_lock_file());
        stop_local_cloud(home);
        home.erase();
    }
    progress.pause();
    std::cout << "The local cloud is deleted.\n";
    if (has_block(read_file_if_exists(system_hosts).value_or(""), home.root()))
        std::cout << "Its names are still in " << system_hosts
                  << ": 'nimbus local names --remove' takes them out.\n";
    return done;
}

int serve(const StartOptions& options, const Terminal&)
{
    return serve_local_cloud(local::Home::from_environment(), how_to_start(options));
}

void declare_start(const Command& command, StartOptions& options)
{
    command.option("--port", options.port, "PORT",
                   "Port of the AWS endpoint (default: the last one used, else any free port)");
    command.option("--log-level", options.log_level, "LEVEL",
                   "How much it logs: error, warning, info, debug (default: NIMBUS_LOG_LEVEL, "
                   "else info)");
    command.flag("--no-sandbox", options.no_sandbox,
                 "Functions see the whole machine, as the cloud does");
    command.choices("--log-level", {log_level_names.begin(), log_level_names.end()});
}

void declare_json(const Command& command, StartOptions& options)
{
    command.flag("--json", options.json, "Print one JSON object");
}

} // namespace

void add_local(const Command& root)
{
    const auto local = root.add("local", "The cloud on this machine");
    local.examples({{"nimbus local status", "is it running, and where"},
                    {"nimbus local logs --level warning", "what went wrong in it"}});
    add_command<StartOptions>(
        local, "start", "Start it in the background",
        [](const Command& command, StartOptions& options) {
            declare_start(command, options);
            declare_json(command, options);
            command.examples({{"nimbus local start", "'nimbus deploy' does it, too"},
                              {"nimbus local start --log-level debug", "to follow each request"}});
        },
        start);
    add_command<NoOptions>(
        local, "stop", "Stop it, its functions and databases; keep its data",
        [](const Command& command, NoOptions&) {
            command.examples({{"nimbus local stop", "'nimbus deploy' starts it again"}});
        },
        stop);
    add_command<StartOptions>(
        local, "status", "Show its endpoint, credentials and clusters",
        [](const Command& command, StartOptions& options) {
            declare_json(command, options);
            command.examples({{"nimbus local status", "endpoint, account and clusters"},
                              {"nimbus local status --json", "credentials for AWS's own tools"}});
        },
        status);
    add_command<ResetOptions>(
        local, "reset", "Stop it and delete everything it holds",
        [](const Command& command, ResetOptions& options) {
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.examples({{"nimbus local reset", "asks before it deletes"}});
        },
        reset);
    add_local_logs(local);
    add_local_names(local);
    add_local_faults(local);
    add_local_operations(local);
    add_local_check(local);
    add_local_backup(local);
    add_command<StartOptions>(local, "serve", {}, declare_start, serve);
}

} // namespace nimbus::cli

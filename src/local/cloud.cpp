#include "local/cloud.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/file.h"
#include "http/server.h"
#include "local/cluster_names.h"
#include "local/control_plane/control_plane.h"
#include "local/control_plane/stored_state.h"
#include "local/debugging/debug_sessions.h"
#include "local/dsql/host/dsql_host.h"
#include "local/dsql/session.h"
#include "local/faults/fault_injector.h"
#include "local/gateway/answered_requests.h"
#include "local/gateway/gateway.h"
#include "local/home_check.h"
#include "local/instances/function_sandbox.h"
#include "local/instances/instance_pool.h"
#include "local/log_file.h"
#include "local/postgres/postgres_server.h"
#include "net/event_loop.h"
#include "net/worker_pool.h"
#include "process/child_process.h"
#include "sqlite/database.h"

#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus::local {
namespace {

constexpr unsigned worker_threads = 4;

/// SIGTERM and SIGINT as something that becomes readable. SIGHUP and SIGPIPE mean nothing here.
UniqueFd take_signals_over()
{
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    UniqueFd descriptor(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!descriptor)
        throw_system_error(errno, "Cannot wait for signals");
    return descriptor;
}

/// Most systems allow 1,024 at first, and let everybody ask for more: connections, instances and
/// databases may need them.
void raise_descriptor_limit()
{
    constexpr rlim_t enough = 16'384;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= enough)
        return;
    limit.rlim_cur = std::min(enough, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit); // otherwise it is as it was
}

http::ServerOptions server_options(const CloudOptions& options, const HomeSettings& settings)
{
    auto server = front_door_server_options();
    server.port = options.port.value_or(settings.port);
    return server;
}

struct Containment {
    std::shared_ptr<FunctionSandbox> sandbox; ///< null: none
    std::string reason;                       ///< why there is none
    bool has_hosts = true;                    ///< functions can have a hosts file of their own
};

Containment contain_functions(const CloudOptions& options)
{
    const auto& home = options.home;
    Containment containment;
    try {
        make_directories(home.instances(), 0700);
        if (options.sandbox)
            containment.sandbox = std::make_shared<FunctionSandbox>(
                FunctionSandbox::Options{.directory = home.functions_root(),
                                         .code_directory = home.instances(),
                                         .certificate_authority = home.ca_file()});
        else
            containment.reason = asked_for_no_sandbox;
    } catch (const std::exception& error) {
        containment.reason = error.what();
    }
    return containment;
}

/// What `nimbus local status` tells of it.
void write_sandbox_file(const Home& home, const Containment& containment)
{
    const bool is_on = containment.sandbox != nullptr;
    const auto or_null = [](bool there, auto value) {
        return there ? json::value(value) : json::value(nullptr);
    };
    const bool counts_each = is_on && containment.sandbox->counts_each_function();
    const json::object document{
        {"on", is_on},
        {"reason", or_null(!is_on, containment.reason)},
        {"processLimit", or_null(is_on, process::Sandboxed().max_processes)},
        {"processLimitOf", or_null(is_on, counts_each ? "instance" : "all instances")},
        {"memoryBy", "samples"},
        {"hostsFile", containment.has_hosts}};
    write_file(home.sandbox_file(), pretty_json(document), 0600);
}

/// Of a database that is new, or was made before there were formats. The second is written anew
/// once, so that its space can be given back.
void take_over_format(sqlite::Database& database, const Log& log)
{
    if (database.format() == database_format)
        return;
    if (!database.is_empty())
        log.info("The database of an earlier Nimbus is taken over");
    database.make_shrinkable();
    database.set_format(database_format);
}

dsql::DsqlHostOptions host_options(const CloudOptions& options,
                                   const std::shared_ptr<FaultInjector>& faults, const Log& log)
{
    const auto& home = options.home;
    dsql::DsqlHostOptions host;
    host.directory = home.clusters();
    host.postgres_bin_directory = options.postgres_bin;
    host.template_directory =
        options.postgres_template.empty() ? home.postgres_template() : options.postgres_template;
    host.authority = home.certificate_authority();
    host.serve = dsql::serve_session;
    host.bootstrap = dsql::bootstrap_cluster;
    host.faults = faults;
    host.log = log;
    return host;
}

} // namespace

int installed_postgres(const std::filesystem::path& bin_directory)
{
    return postgres::find_installation(bin_directory).major_version;
}

json::object sandbox_of(const Home& home)
{
    const auto text = read_file_if_exists(home.sandbox_file());
    if (!text) // a cloud that an earlier version of Nimbus started
        return {{"on", false},
                {"reason", "this local cloud has none"},
                {"processLimit", nullptr},
                {"processLimitOf", nullptr},
                {"memoryBy", "samples"},
                {"hostsFile", nullptr}};
    return parse_json(*text, home.sandbox_file().string()).as_object();
}

std::optional<int> postgres_version_of(const Home& home, const std::string& cluster_id)
{
    return postgres::data_version(home.clusters() / cluster_id);
}

std::string remark_on_postgres(int version)
{
    const auto wanted = std::to_string(postgres::wanted_major_version);
    if (version == postgres::wanted_major_version)
        return {};
    return "It runs on PostgreSQL " + std::to_string(version) + ", for " + wanted +
           " is not installed. Functions, settings and catalogue columns are those of " +
           std::to_string(version) + ", while statements are read by the grammar of " + wanted +
           ", as DSQL reads them. Install PostgreSQL " + wanted +
           " and start the local cloud again: it carries the data over.";
}

/// OpenSSL takes the cloud's authority from SSL_CERT_FILE and the system's from SSL_CERT_DIR.
std::map<std::string, std::string> function_environment(const Home& home,
                                                        const HomeSettings& settings)
{
    return {{"AWS_ENDPOINT_URL", endpoint_of(settings)},
            {"NIMBUS_HOSTS_FILE", home.hosts_file().string()},
            {"PGSSLROOTCERT", home.ca_file().string()},
            {"SSL_CERT_DIR", ::X509_get_default_cert_dir()},
            {"SSL_CERT_FILE", home.ca_file().string()}};
}

std::filesystem::path node_host_names_module(const Home& home)
{
    const auto directory = home.data() / "node-" NIMBUS_VERSION; // another version's is another
    install_runtime(lambda_runtimes().at("nodejs22.x"), directory);
    return directory / "node_host_names.cjs";
}

std::string endpoint_of(const HomeSettings& settings)
{
    return "http://127.0.0.1:" + std::to_string(settings.port);
}

void run_cloud(const CloudOptions& options, const std::function<void()>& ready)
{
    const auto& home = options.home;
    ::umask(0077);
    raise_descriptor_limit();
    home.create();
    const auto lock = home.try_lock();
    if (!lock)
        throw Error("Another process is running the local cloud of " + home.root().string());
    home.remove_leftovers();
    const auto damage = refuse_to_start_damaged_home(home);
    auto settings = home.settings_or_new();
    static_cast<void>(home.certificate_authority());
    auto containment = contain_functions(options); // before there are threads: it forks
    const auto signals = take_signals_over();

    const AssertionLog assertion_log(home.log_file());
    const auto log = open_log_file(home.log_file(), options.log_level);
    for (const auto& each : damage)
        log.warning(each.what + ". " + each.way_out);

    const auto faults = std::make_shared<FaultInjector>();
    const auto debugging = std::make_shared<DebugSessions>();
    const auto answered = std::make_shared<AnsweredRequests>();
    sqlite::Database database(home.database());
    take_over_format(database, log);
    ClusterNames names(home);
    if (!containment.sandbox) {
        containment.has_hosts = process::can_replace_hosts(names.functions_hosts());
        log.info("Functions are in no sandbox: they see what the cloud's user sees",
                 {{"reason", containment.reason}});
        if (!containment.has_hosts)
            log.info("In functions, only libnimbus and Node find databases by name: this system "
                     "does not let us give functions a hosts file of their own");
    }
    write_sandbox_file(home, containment);
    net::EventLoop loop;
    auto workers = std::make_unique<net::WorkerPool>(worker_threads);
    // One transaction for the tables of all services: each of its own would be written by itself.
    const auto plane = database.transaction([&] {
        return std::make_unique<ControlPlane>(
            ControlPlaneOptions{
                .account_id = settings.account_id,
                .region = settings.region,
                .directory = home.data(),
                .administrator = settings.administrator,
                .cluster_names_changed = [&names](const HostAddresses& all) { names.set(all); },
                .faults = faults,
                .debugging = debugging,
                .answered = answered,
                .log = log},
            database, *workers);
    });
    auto front_door = std::make_unique<http::Server>(loop, server_options(options, settings),
                                                     plane->front_door());
    if (settings.port != front_door->port()) {
        settings.port = front_door->port();
        home.write_settings(settings);
    }

    InstancePool instances({.code_directory = home.instances(),
                            .environment = function_environment(home, settings),
                            .sandbox = containment.sandbox,
                            .hosts_file =
                                [&names, has_hosts = containment.has_hosts] {
                                    auto file = names.functions_hosts();
                                    return has_hosts ? file : std::filesystem::path();
                                },
                            .faults = faults,
                            .debugging = debugging,
                            .log = log},
                           loop, plane->access_control(), plane->log_sink());
    auto gateway = std::make_unique<Gateway>(
        GatewayOptions{.debugging = debugging, .answered = answered, .log = log}, loop, instances,
        plane->function_directory());
    dsql::DsqlHost clusters(host_options(options, faults, log), plane->access_control());
    plane->start({.invoker = instances, .apis = *gateway, .clusters = clusters});

    auto on_signal = loop.when_readable(signals.get(), [&loop] { loop.stop(); });
    loop.post([&] {
        log.info("The local cloud is running", {{"endpoint", endpoint_of(settings)},
                                                {"pid", ::getpid()},
                                                {"version", NIMBUS_VERSION},
                                                {"log_level", name_of(options.log_level)}});
        ready();
    });
    loop.run();

    log.info("The local cloud is stopping");
    front_door.reset();
    plane->stop();
    instances.stop();
    gateway.reset();
    clusters.stop();
    workers.reset();
}

} // namespace nimbus::local

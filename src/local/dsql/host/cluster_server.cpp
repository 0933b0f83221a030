#include "local/dsql/host/cluster_server.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "local/dsql/backup.h"
#include "local/dsql/carry_over.h"
#include "local/dsql/host/serving.h"

namespace nimbus::local::dsql {
namespace {

constexpr std::size_t id_bytes = 16;             ///< of a copy, as of a cluster: 26 characters
constexpr std::chrono::seconds start_limit(120); ///< initdb or crash recovery on a slow disk

postgres::CarryOver how_to_carry_over()
{
    return {.own_schema = system_schema,
            .prepare =
                [](const auto& old_socket, const auto& new_socket) {
                    prepare_carried_over(old_socket, new_socket, postgres::Server::superuser);
                },
            .verify =
                [](const auto& old_socket, const auto& new_socket) {
                    verify_carried_over(old_socket, new_socket, postgres::Server::superuser);
                }};
}

/// Executing the bootstrap takes most of a new cluster's start: the template has it done.
postgres::InitialContent initial_content()
{
    constexpr std::size_t bytes = 4; // so many tell contents apart
    const auto script = bootstrap_script(postgres::Server::superuser);
    return {
        .name = hex_encode(crypto::sha256(script).substr(0, bytes)),
        .fill = [](const auto& socket) { bootstrap_cluster(socket, postgres::Server::superuser); }};
}

} // namespace

ClusterServer::ClusterServer(const DsqlHostOptions& options, AccessControl& access,
                             postgres::Installation installation, Cluster cluster, UniqueFd socket)
    : options_(options),
      postgres_({.installation = std::move(installation),
                 .directory = options.directory / cluster.id,
                 .template_directory = options.template_directory,
                 .initial_content = initial_content(),
                 .carry_over = how_to_carry_over(),
                 .must_have_data = cluster.has_data,
                 .log = options.log.of("postgres").with({{"cluster", cluster.id}})}),
      socket_(std::move(socket))
{
    context_.cluster = std::move(cluster);
    context_.superuser = postgres::Server::superuser;
    context_.access = &access;
    context_.faults = options_.faults;
    context_.clock = options_.clock;
    context_.log = options_.log.of("dsql").with({{"cluster", context_.cluster.id}});
}

ClusterServer::~ClusterServer()
{
    stop();
}

void ClusterServer::start()
{
    const MutexLock lock(mutex_);
    if (listener_)
        return;
    if (start_forbidden_)
        throw Error("The cluster is being removed or the local cloud stops");
    if (!socket_)
        throw Error("The cluster failed to start before and gave its address back");
    try {
        tls_ = make_tls_context(options_.authority, context_.cluster);
        context_.tls = tls_.get();
        postgres_.start(Deadline::after(start_limit));
        context_.socket_path = postgres_.socket_path();
        options_.bootstrap(context_.socket_path, context_.superuser);
        context_.contention->use(context_.socket_path, context_.superuser);
        databases_.emplace(context_.socket_path, context_.superuser);
        listener_.emplace(std::move(socket_), serving(options_, context_));
    } catch (...) {
        close();
        throw;
    }
}

void ClusterServer::stop()
{
    forbid_start();
    const MutexLock lock(mutex_);
    close();
}

void ClusterServer::remove()
{
    forbid_start();
    const MutexLock lock(mutex_);
    close();
    postgres_.remove();
}

ClusterCopy ClusterServer::copy()
{
    const MutexLock lock(mutex_);
    if (!listener_)
        throw Error("The cluster is not running");
    ClusterCopy made{.id = base32_encode(random_bytes(id_bytes)), .address = {}};
    const auto database = "copy_" + made.id;
    // The cluster's own sessions are the deploy's, and over; this one may have stayed.
    context_.contention->use(context_.socket_path, context_.superuser);
    databases_->make(database);
    auto server = std::make_unique<CopyServer>(options_, context_, made.id, database);
    made.address = server->address();
    copies_[made.id] = std::move(server);
    return made;
}

void ClusterServer::remove_copy(const std::string& id)
{
    const MutexLock lock(mutex_);
    const auto found = copies_.find(id);
    if (found == copies_.end())
        return;
    const auto database = found->second->database();
    copies_.erase(found);
    databases_->drop(database);
}

void ClusterServer::back_up(const std::filesystem::path& directory)
{
    const MutexLock lock(mutex_);
    if (!listener_)
        throw Error("The cluster is not running");
    Backup backup(context_.socket_path, context_.superuser);
    postgres_.copy_data(directory, [&] { return backup.finish(); });
}

void ClusterServer::close() noexcept
{
    copies_.clear();
    listener_.reset();
    databases_.reset();
    socket_.reset();
    postgres_.stop();
}

} // namespace nimbus::local::dsql

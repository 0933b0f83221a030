#include "local/postgres/postgres_server.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/unique_fd.h"
#include "local/postgres/carry_over.h"
#include "local/postgres/data_backup.h"
#include "local/postgres/data_check.h"
#include "local/postgres/data_directory.h"
#include "local/postgres/installation.h"
#include "local/postgres/leftovers.h"
#include "local/postgres/supervisor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/un.h>

namespace nimbus::local::postgres {
namespace {

constexpr std::chrono::seconds removal_limit(30);
constexpr std::chrono::hours carry_over_limit(2);
constexpr std::chrono::seconds start_limit(60); ///< after carrying over

} // namespace

struct Server::Impl {
    explicit Impl(ServerOptions in) : options(std::move(in)), identity(server_identity()) {}

    /// Keeps other processes' servers off the directory while we live.
    void lock(Deadline deadline) NIMBUS_REQUIRES(mutex)
    {
        if (directory)
            return;
        UniqueFd opened(
            ::open(options.directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!opened)
            throw_system_error(errno,
                               "Cannot open the directory '" + options.directory.string() + "'");
        // Not at once: a cloud that was killed holds it until the kernel has cleared up.
        const auto patience = Deadline::after(std::chrono::seconds(2));
        if (!lock_directory(opened.get(), patience.when() < deadline.when() ? patience : deadline))
            throw Error("Another process serves the database in '" + options.directory.string() +
                            "'",
                        "Is another local cloud running with the same NIMBUS_HOME?");
        directory = std::move(opened);
    }

    void clear(Deadline deadline) NIMBUS_REQUIRES(mutex)
    {
        NIMBUS_ASSERT(directory && !supervisor,
                      "leftovers are cleared under the directory's lock, with no server on it");
        clear_leftovers(options.directory, deadline);
        clear_leftovers(carry_over_directory(options.directory), deadline);
    }

    /// The data can only be read by the major version that wrote it. True when it was carried over.
    bool match_data_and_installation()
    {
        const auto version = data_version(options.directory);
        if (!version || *version == options.installation.major_version)
            return false;
        const auto other = find_installation_of(*version);
        if (!other)
            throw_not_installed(*version);
        if (options.carry_over && *version < options.installation.major_version) {
            carry_over_from(*other);
            return true;
        }
        options.installation = *other;
        return false;
    }

    [[noreturn]] void throw_not_installed(int version) const
    {
        const auto name = std::to_string(version);
        throw Error(
            "The database in '" + options.directory.string() + "' was made by PostgreSQL " + name +
                ", but only PostgreSQL " + std::to_string(options.installation.major_version) +
                " is installed",
            "Install postgresql-" + name +
                (options.carry_over ? ", which is needed once to carry the data over" : "") +
                ", or give the data up with 'nimbus local reset'.");
    }

    void carry_over_from(const Installation& old)
    {
        const auto log = options.log.with(
            {{"from", old.major_version}, {"to", options.installation.major_version}});
        log.info("The data is carried over to another version of PostgreSQL");
        carry_over(options, old, identity, Deadline::after(carry_over_limit));
        log.info("The data was carried over");
    }

    ServerOptions options;
    std::optional<process::Identity> identity;
    mutable Mutex mutex;                         ///< one operation at a time
    UniqueFd directory NIMBUS_GUARDED_BY(mutex); ///< locked; open from the first start on
    std::unique_ptr<Supervisor> supervisor NIMBUS_GUARDED_BY(mutex);
};

Server::Server(ServerOptions options) : impl_(std::make_shared<Impl>(std::move(options))) {}

Server::~Server() = default;

void Server::start(Deadline deadline)
{
    const MutexLock lock(impl_->mutex);
    if (impl_->supervisor)
        return;
    if (impl_->options.must_have_data)
        if (const auto fault = fault_of_data(impl_->options.directory); !fault.empty())
            throw Error(fault, "Run 'nimbus local check'.");
    make_directories(impl_->options.directory.parent_path(), 0700);
    make_directories(impl_->options.directory, 0700);
    impl_->lock(deadline);
    impl_->clear(deadline);
    undo_half_a_swap(impl_->options.directory);
    const bool keeps_old_data = has_old_data(impl_->options.directory);
    if (impl_->match_data_and_installation())
        deadline = Deadline::after(start_limit);
    prepare_directory(impl_->options, impl_->identity, deadline);
    impl_->supervisor = std::make_unique<Supervisor>(impl_->options, impl_->identity, deadline);
    if (keeps_old_data)
        discard_old_data(impl_->options.directory);
}

void Server::stop()
{
    const MutexLock lock(impl_->mutex);
    impl_->supervisor.reset();
}

void Server::remove()
{
    const MutexLock lock(impl_->mutex);
    impl_->supervisor.reset();
    const auto& directory = impl_->options.directory;
    if (!std::filesystem::exists(directory))
        return;
    const auto deadline = Deadline::after(removal_limit);
    impl_->lock(deadline);
    impl_->clear(deadline);
    std::error_code failure;
    std::filesystem::remove_all(directory, failure);
    if (failure)
        throw Error("Cannot delete '" + directory.string() + "': " + failure.message());
    impl_->directory.reset();
}

void Server::copy_data(const std::filesystem::path& target,
                       const std::function<std::string()>& finish) const
{
    copy_running_data(impl_->options.directory / "data", target / "data", finish);
}

std::filesystem::path Server::socket_path() const
{
    auto path = impl_->options.directory / socket_name;
    // unix(7): addresses have 108 bytes, of which one ends the path.
    if (path.native().size() >= sizeof(sockaddr_un::sun_path)) {
        const MutexLock lock(impl_->mutex);
        if (impl_->directory)
            path = "/proc/self/fd/" + std::to_string(impl_->directory.get()) + "/" + socket_name;
    }
    return path;
}

} // namespace nimbus::local::postgres

#include "local/postgres/postmaster.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

constexpr off_t log_limit = 1024 * 1024;

/// Durability is PostgreSQL's default (fsync, full_page_writes, synchronous_commit): a commit that
/// was answered survives a killed cloud. The rest: reachable through its socket only, DSQL's
/// isolation and time zone, and small at rest.
constexpr std::array settings{
    "listen_addresses=",
    "unix_socket_directories=..", // the working directory is the data directory
    "unix_socket_permissions=0700",
    "port=5432",
    "max_connections=250",
    "default_transaction_isolation=repeatable read",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "shared_buffers=32MB",
    "huge_pages=off",
    "recovery_init_sync_method=syncfs",
    // What a backup needs: the log of all changes since its beginning, held by a slot.
    "wal_level=replica",
    "max_wal_senders=0",
    "max_replication_slots=1",
    "min_wal_size=16MB",
    "max_wal_size=128MB",
    "max_worker_processes=0",
    "max_logical_replication_workers=0",
    "max_parallel_workers=0",
    "max_parallel_workers_per_gather=0",
    "max_parallel_maintenance_workers=0",
    // Files in the data directory, so that a crash leaves nothing in /dev/shm.
    "dynamic_shared_memory_type=mmap",
    "min_dynamic_shared_memory=1MB",
    // What the server itself does, and no statement: they belong to the applications.
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_checkpoints=off",
    "log_line_prefix=%m [%p] ",
};

UniqueFd open_log(const std::filesystem::path& directory)
{
    const auto path = directory / "postgresql.log";
    UniqueFd log(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!log)
        throw_system_error(errno, "Cannot write '" + path.string() + "'");
    return log;
}

off_t size_of(const UniqueFd& file)
{
    struct stat information{};
    return ::fstat(file.get(), &information) == 0 ? information.st_size : 0;
}

/// What the log got since it was `start` long, its last lines, as one.
std::string log_since(const UniqueFd& log, off_t start)
{
    std::string text(4096, '\0');
    start = std::max(start, size_of(log) - static_cast<off_t>(text.size()));
    const ssize_t got = ::pread(log.get(), text.data(), text.size(), start);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const auto lines = split(trim(text), '\n');
    constexpr std::size_t kept = 5;
    const auto first = lines.size() > kept ? lines.size() - kept : 0;
    std::vector<std::string> last(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end());
    const std::string joined = join(last, "; ");
    return joined.empty() ? "its log says nothing" : joined;
}

/// postmaster.pid as the server keeps it: process id first, status in the eighth line
/// (src/include/utils/pidfile.h).
bool says_ready(const std::filesystem::path& pid_path, pid_t pid)
{
    const auto content = read_file_if_exists(pid_path).value_or("");
    const auto lines = split(content, '\n');
    return lines.size() >= 8 && lines[0] == std::to_string(pid) && trim(lines[7]) == "ready";
}

/// True when the server is ready, false when it ended or the deadline passed.
bool wait_until_ready(process::ChildProcess& process, const std::filesystem::path& data,
                      Deadline deadline)
{
    const UniqueFd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    const bool watching = changes && ::inotify_add_watch(changes.get(), data.c_str(),
                                                         IN_MODIFY | IN_CLOSE_WRITE) >= 0;
    // Users may have run out of watches; then the file is looked at again and again.
    const std::chrono::milliseconds patience(watching ? 250 : 5);
    while (!says_ready(data / "postmaster.pid", process.pid())) {
        if (deadline.reached() || process.wait(Deadline::after(std::chrono::milliseconds(0))))
            return false;
        std::array<pollfd, 2> events{
            {{process.exit_descriptor(), POLLIN, 0}, {watching ? changes.get() : -1, POLLIN, 0}}};
        ::poll(events.data(), events.size(),
               static_cast<int>(std::min(patience, deadline.remaining()).count()));
        alignas(inotify_event) std::array<char, 4096> ignored;
        while (watching && ::read(changes.get(), ignored.data(), ignored.size()) > 0) {
        }
    }
    return true;
}

} // namespace

Postmaster Postmaster::launch(const ServerOptions& options,
                              const std::optional<process::Identity>& identity, Deadline deadline)
{
    const auto data = options.directory / "data";
    const UniqueFd data_directory(
        ::open(data.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!data_directory)
        throw_system_error(errno, "Cannot open the directory '" + data.string() + "'");
    UniqueFd log = open_log(options.directory);
    const off_t log_start = size_of(log);

    process::SpawnOptions spawn{
        .arguments = {options.installation.bin_directory / "postgres", "-D", "/proc/self/fd/3"},
        .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}},
        .working_directory = "/",
        .standard_output = process::Stream::null,
        .standard_error = process::Stream::null,
        .identity = identity,
        .descriptors = {{data_directory.get(), 3}, {log.get(), 1}, {log.get(), 2}},
        .new_session = true,
        .die_with_parent = true,
        .death_signal = SIGQUIT,
    };
    for (const auto* setting : settings) {
        spawn.arguments.emplace_back("-c");
        spawn.arguments.emplace_back(setting);
    }
    Postmaster postmaster(process::ChildProcess::spawn(spawn), std::move(log));
    if (wait_until_ready(postmaster.process_, data, deadline))
        return postmaster;

    const auto status = postmaster.ended();
    postmaster.shut_down();
    throw Error("PostgreSQL did not start in '" + options.directory.string() + "' (" +
                    (status ? status->text() : "it was not ready in time") +
                    "): " + log_since(postmaster.log_, log_start),
                "Its log is '" + (options.directory / "postgresql.log").string() + "'.");
}

std::optional<process::ExitStatus> Postmaster::ended()
{
    return process_.wait(Deadline::after(std::chrono::milliseconds(0)));
}

void Postmaster::shut_down()
{
    // PostgreSQL's fast and immediate modes; ChildProcess's destructor has SIGKILL.
    process_.signal(SIGINT);
    if (process_.wait(Deadline::after(std::chrono::seconds(15))))
        return;
    process_.signal(SIGQUIT);
    process_.wait(Deadline::after(std::chrono::seconds(8)));
}

void Postmaster::limit_log() const
{
    // Appended to by the server, so that it goes on at the new end.
    if (size_of(log_) > log_limit)
        static_cast<void>(::ftruncate(log_.get(), 0));
}

} // namespace nimbus::local::postgres

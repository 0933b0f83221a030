#include "local/postgres/leftovers.h"

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "base/unique_fd.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <sstream>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace nimbus::local::postgres {
namespace {

struct Process {
    pid_t pid;
    UniqueFd descriptor;

    void signal(int number) const
    {
        ::syscall(SYS_pidfd_send_signal, descriptor.get(), number, nullptr, 0);
    }

    bool ended_by(Deadline deadline) const
    {
        pollfd end{descriptor.get(), POLLIN, 0};
        return ::poll(&end, 1, static_cast<int>(deadline.remaining().count())) > 0;
    }
};

/// PostgreSQL's processes live in their data directory.
bool lives_in(const std::filesystem::path& process, const struct stat& data)
{
    struct stat working_directory{};
    if (::stat((process / "cwd").c_str(), &working_directory) != 0 ||
        working_directory.st_dev != data.st_dev || working_directory.st_ino != data.st_ino)
        return false;
    const auto name = read_file_if_exists(process / "comm").value_or("");
    return trim(name) == "postgres";
}

std::vector<Process> processes_of(const struct stat& data)
{
    std::vector<Process> found;
    std::error_code vanished;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", vanished)) {
        const auto pid = parse_number<pid_t>(entry.path().filename().native());
        if (!pid || !lives_in(entry.path(), data))
            continue;
        UniqueFd descriptor(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
        // Looked at again, now that the descriptor pins who is meant.
        if (descriptor && lives_in(entry.path(), data))
            found.push_back({*pid, std::move(descriptor)});
    }
    return found;
}

void end_processes(const struct stat& data, const std::filesystem::path& directory,
                   Deadline deadline)
{
    auto remaining = processes_of(data);
    for (const int number : {SIGQUIT, SIGKILL}) {
        for (const auto& process : remaining) {
            process.signal(number);
            process.signal(SIGCONT);
        }
        const auto grace = Deadline::after(std::chrono::seconds(5));
        std::erase_if(remaining, [&](const Process& process) {
            return process.ended_by(grace.when() < deadline.when() ? grace : deadline);
        });
    }
    if (!remaining.empty())
        throw Error("PostgreSQL's process " + std::to_string(remaining.front().pid) +
                        ", left on '" + directory.string() + "' by an earlier run, does not end",
                    "End it with 'kill -9 " + std::to_string(remaining.front().pid) +
                        "' and try again.");
}

/// The small segment that interlocks servers on one data directory; line 7 of postmaster.pid holds
/// its key and id (src/include/utils/pidfile.h). The server itself reuses one that it finds.
void remove_shared_memory(const std::string& pid_file)
{
    const auto lines = split(pid_file, '\n');
    if (lines.size() < 7)
        return;
    std::istringstream line{std::string(lines[6])};
    long key = 0;
    int id = 0;
    shmid_ds segment{};
    if (line >> key >> id && ::shmctl(id, IPC_STAT, &segment) == 0 &&
        segment.shm_perm.__key == key && segment.shm_nattch == 0)
        ::shmctl(id, IPC_RMID, nullptr);
}

} // namespace

void clear_leftovers(const std::filesystem::path& directory, Deadline deadline)
{
    const auto pid_path = directory / "data" / "postmaster.pid";
    struct stat data{};
    if (const auto pid_file = read_file_if_exists(pid_path);
        pid_file && ::stat((directory / "data").c_str(), &data) == 0) {
        end_processes(data, directory, deadline);
        remove_shared_memory(*pid_file);
    }
    for (const auto& path :
         {pid_path, directory / ".s.PGSQL.5432", directory / ".s.PGSQL.5432.lock"}) {
        std::error_code failure;
        std::filesystem::remove(path, failure);
        if (failure)
            throw Error("Cannot remove '" + path.string() + "': " + failure.message());
    }
}

} // namespace nimbus::local::postgres

#include "cli/dev_cloud.h"

#include "base/error.h"
#include "cli/cloud_answers.h"

#include <cerrno>
#include <iostream>
#include <sys/file.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

/// flock(2): given back by the kernel when the process ends, however that happens. Waits for one
/// who stops the cloud just now.
UniqueFd share(const std::filesystem::path& path)
{
    auto file = local::open_lock_file(path);
    while (::flock(file.get(), LOCK_SH) != 0)
        if (errno != EINTR)
            throw_system_error(errno, "Cannot lock " + path.string());
    return file;
}

} // namespace

DevCloud::DevCloud(Progress& progress) : home_(local::Home::from_environment()), progress_(progress)
{
    home_.create();
    users_ = share(home_.development_file());
    start();
}

DevCloud::~DevCloud()
{
    try {
        if (::flock(users_.get(), LOCK_EX | LOCK_NB) != 0)
            return; // somebody else develops here
        if (home_.running_process() == local::read_pid(home_.development_file()))
            stop_local_cloud(home_);
    } catch (const Error& error) {
        std::cerr << error.what() << "\n";
    }
}

void DevCloud::start()
{
    const auto cloud = start_and_tell(home_, {}, &progress_);
    if (!cloud.was_running)
        local::write_pid(users_.get(), cloud.pid, home_.development_file());
}

bool DevCloud::revive()
{
    if (home_.running_process())
        return false;
    start();
    return true;
}

void outlive_development(const local::Home& home)
{
    const auto path = home.development_file();
    if (::truncate(path.c_str(), 0) != 0 && errno != ENOENT)
        throw_system_error(errno, "Cannot write " + path.string());
}

} // namespace nimbus::cli

#include "cli/dev_cloud.h"

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/cloud_answers.h"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <sys/file.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

/// flock(2): given back by the kernel when the process ends, however that happens. Waits for one
/// who stops the cloud just now.
UniqueFd share(const std::filesystem::path& path)
{
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    while (file && ::flock(file.get(), LOCK_SH) != 0)
        if (errno != EINTR)
            throw_system_error(errno, "Cannot lock " + path.string());
    if (!file)
        throw_system_error(errno, "Cannot open " + path.string());
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
        const auto ours =
            parse_number<pid_t>(trim(read_file_if_exists(home_.development_file()).value_or("")));
        if (ours && ours == home_.running_process())
            stop_local_cloud(home_);
    } catch (const Error& error) {
        std::cerr << error.what() << "\n";
    }
}

void DevCloud::start()
{
    const auto cloud = start_and_tell(home_, {}, &progress_);
    if (cloud.was_running)
        return;
    const auto text = std::to_string(cloud.pid) + "\n";
    if (::ftruncate(users_.get(), 0) != 0 ||
        ::pwrite(users_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw_system_error(errno, "Cannot write " + home_.development_file().string());
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

#include "cli/dev_cloud.h"

#include "base/error.h"
#include "cli/local_process.h"

#include <iostream>

namespace nimbus::cli {
namespace {

bool start(const local::Home& home, Progress& progress)
{
    if (!find_running(home))
        progress.phase("Starting the local cloud");
    return start_local_cloud(home).was_running;
}

} // namespace

DevCloud::DevCloud(Progress& progress)
    : home_(local::Home::from_environment()), was_running_(start(home_, progress))
{
}

DevCloud::~DevCloud()
{
    try {
        if (!was_running_)
            stop_local_cloud(home_);
    } catch (const Error& error) {
        std::cerr << error.what() << "\n";
    }
}

} // namespace nimbus::cli

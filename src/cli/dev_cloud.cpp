#include "cli/dev_cloud.h"

#include "base/error.h"
#include "cli/cloud_answers.h"

#include <iostream>

namespace nimbus::cli {
DevCloud::DevCloud(Progress& progress)
    : home_(local::Home::from_environment()),
      was_running_(start_and_tell(home_, {}, &progress).was_running)
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

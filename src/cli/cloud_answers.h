#pragma once

#include "cli/local_process.h"

#include <optional>

/// Does the local cloud still answer? Whoever asks it anything would wait if it does not.
namespace nimbus::cli {

class Progress;

/// The cloud of this home if it runs and is ready, but not one that is ending. Throws Error that
/// says which process and the way out when it stands still, or gives no answer within half a
/// minute.
std::optional<RunningCloud> find_answering(const local::Home& home);

/// Throws Error when the cloud of this home stands still, as after SIGSTOP.
void require_not_stopped(const local::Home& home);

/// As start_local_cloud, and tells people what went wrong while it started, such as that an API is
/// at another port.
RunningCloud start_and_tell(const local::Home& home, const CloudStart& how, Progress* progress);

} // namespace nimbus::cli

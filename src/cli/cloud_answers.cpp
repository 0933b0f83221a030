#include "cli/cloud_answers.h"

#include "base/error.h"
#include "base/time.h"
#include "cli/log_watch.h"
#include "cli/progress.h"
#include "http/client.h"
#include "local/cloud.h"
#include "process/process_state.h"

#include <algorithm>
#include <thread>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

/// For a machine that is busy with something else.
constexpr auto answer_timeout = 30s;
constexpr auto first_attempt = 2s;
/// How often a cloud is asked that is either not ready yet or ending.
constexpr auto between_questions = 20ms;

/// Any answer counts. It is a refusal for want of a signature, which no log shows unless it is
/// asked for everything: a GET without one is somebody who may not list S3's buckets.
bool answers(const local::HomeSettings& settings, std::chrono::milliseconds limit)
{
    http::Request request;
    request.method = "POST";
    request.target = "/";
    try {
        http::Client({.connect_timeout = limit, .total_timeout = limit})
            .send(local::endpoint_of(settings), request);
    } catch (const http::TransportError&) {
        return false;
    }
    return true;
}

void require_not_stopped(pid_t pid)
{
    if (process::is_stopped(pid))
        throw Error("The local cloud, process " + std::to_string(pid) +
                        ", stands still: it was stopped by a signal",
                    "'kill -CONT " + std::to_string(pid) +
                        "' lets it continue, 'nimbus local stop' ends it.");
}

} // namespace

/// One that was told to stop, or was killed, holds its lock until its last thread is gone. In that
/// time it answers nobody, and may take connections.
std::optional<RunningCloud> find_answering(const local::Home& home)
{
    const auto deadline = Deadline::after(answer_timeout);
    std::chrono::milliseconds limit = first_attempt;
    auto running = find_running(home);
    while (running) {
        require_not_stopped(running->pid);
        if (answers(running->settings, std::min(limit, deadline.remaining())))
            break;
        std::this_thread::sleep_for(between_questions);
        running = find_running(home);
        if (running && deadline.reached())
            throw Error("The local cloud runs as process " + std::to_string(running->pid) +
                            " and has not answered within " +
                            std::to_string(answer_timeout.count()) + " s",
                        "Run 'nimbus local stop', which ends it, then try again. " +
                            home.log_file().string() + " may say what it is doing.");
        limit *= 2;
    }
    return running;
}

void require_not_stopped(const local::Home& home)
{
    if (const auto pid = home.running_process())
        require_not_stopped(*pid);
}

RunningCloud start_and_tell(const local::Home& home, const CloudStart& how, Progress* progress)
{
    if (progress != nullptr && !find_running(home))
        progress->phase("Starting the local cloud");
    LogWatch log(home.log_file());
    auto cloud = start_local_cloud(home, how);
    if (progress != nullptr && !cloud.was_running)
        for (const auto& line : log.lines())
            progress->note("The local cloud: " + line);
    return cloud;
}

} // namespace nimbus::cli

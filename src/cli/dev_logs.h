#pragma once

#include "base/file_watcher.h"
#include "cli/cloud_log.h"
#include "cli/log_reader.h"
#include "deploy/outputs.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::cli {

/// What a function wrote, or one of its invocations came to.
struct DevLogLine {
    SystemTime time;
    std::string function;
    std::string message;
    /// Of an invocation that ended: what was asked for, as "GET /users", or the function's name;
    /// empty otherwise.
    std::string invoked;
    std::string request_id;
    std::string milliseconds;  ///< as Lambda tells it: "2.31"
    std::optional<int> status; ///< of the answer of an HTTP API, if one asked
};

/// The logs of a deployment in the local cloud as they grow, with the reasons of the 500s and 503s
/// that no function answered. Costs nothing while nothing is written: `store`, where the cloud
/// keeps the logs, and its own log are watched.
class DevLogs {
public:
    DevLogs(const std::filesystem::path& store, const std::filesystem::path& cloud_log);

    /// Of that deployment from now on; what was read already stays read. `client` outlives this.
    void follow(const aws::Client& client, const deploy::Outputs& outputs);

    /// Readable when `notice` should be called.
    int descriptor() const noexcept { return watcher_.descriptor(); }
    void notice();
    /// How long until `read` should be called; nothing while nothing was written.
    std::optional<std::chrono::milliseconds> due() const;
    /// What was written since the last call.
    std::vector<DevLogLine> read();

private:
    using Clock = std::chrono::steady_clock;

    DevLogLine line_of(const FunctionLogLine& line) const;
    void add_statuses(std::vector<DevLogLine>& lines) const;
    void add_failures(std::vector<DevLogLine>& lines);

    FileWatcher watcher_;
    CloudLogReader cloud_log_;
    std::map<std::string, std::string> deployed_; ///< functions as declared, by their names in AWS
    SystemTime began_;
    const aws::Client* client_ = nullptr;
    std::optional<LogReader> reader_;
    std::map<std::string, std::string> names_; ///< what is asked for, by function
    bool is_noticed_ = false;
    Clock::time_point next_read_;
};

} // namespace nimbus::cli

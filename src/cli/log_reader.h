#pragma once

#include "aws/client.h"
#include "aws/ops/logs/log_events.h"
#include "deploy/kinds/function/output.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nimbus::cli {

/// One event of a function's log.
struct FunctionLogLine {
    aws::logs::LogEvent event;
    std::string function; ///< as the program declares it
};

/// Reads the logs of functions while they grow: no event is read twice.
class LogReader {
public:
    /// From `since` on, or all there is. `client` outlives this.
    LogReader(const aws::Client& client, std::vector<deploy::function::FunctionOutput> functions,
              std::optional<SystemTime> since)
        : client_(client), functions_(std::move(functions)), since_(since)
    {
    }

    /// Others from now on; what was read stays read.
    void follow(std::vector<deploy::function::FunctionOutput> functions)
    {
        functions_ = std::move(functions);
    }

    /// Those that came since the last call, oldest first. Throws Error.
    std::vector<FunctionLogLine> read();

private:
    void read_function(const deploy::function::FunctionOutput& function,
                       std::vector<FunctionLogLine>& lines);
    void go_on_after(SystemTime newest);

    const aws::Client& client_;
    std::vector<deploy::function::FunctionOutput> functions_;
    std::optional<SystemTime> since_;
    std::map<std::string, SystemTime> shown_; ///< by the event's id
};

} // namespace nimbus::cli

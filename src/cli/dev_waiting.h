#pragma once

#include "base/file_watcher.h"
#include "cli/dev_keys.h"
#include "cli/dev_logs.h"
#include "cli/dev_report.h"
#include "cli/development.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>

namespace nimbus::cli {

/// What happens until there is something to build: files change, functions write to their logs, and
/// a person presses keys. The arguments outlive it.
class DevWaiting {
public:
    DevWaiting(FileWatcher& files, DevLogs& logs, const Development& development, DevReport& report,
               const Terminal& terminal)
        : files_(files), logs_(logs), development_(development), report_(report),
          terminal_(terminal)
    {
    }

    /// Until a file changed, beside those that did already, and no more follows at once, or a
    /// person asks for another build. Nothing after an interrupt, or when a person ends it.
    std::optional<std::set<std::filesystem::path>> run(std::set<std::filesystem::path> changed);

private:
    std::chrono::milliseconds quiet_for() const;
    int patience() const;
    void show_logs();
    void act(char key);
    void open_psql();

    FileWatcher& files_;
    DevLogs& logs_;
    const Development& development_;
    DevReport& report_;
    const Terminal& terminal_;
    bool are_logs_shown_ = true;
};

} // namespace nimbus::cli

#pragma once

#include "base/mutex.h"
#include "cli/terminal.h"
#include "deploy/status.h"

#include <chrono>
#include <condition_variable>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace nimbus::cli {

/// Shows on standard error what is going on: on a terminal one line that is drawn over while steps
/// run, with the finished ones above it; elsewhere a plain line for each.
class Progress : public deploy::Status {
public:
    explicit Progress(const Terminal& terminal);
    /// Clears the line that is drawn over.
    ~Progress() override;

    void phase(const std::string& sentence) override;
    void plan(int steps) override;
    void started(const std::string& verb, const std::string& resource) override;
    void finished(const std::string& verb, const std::string& resource, double seconds) override;
    void failed(const std::string& verb, const std::string& resource) override;
    void note(const std::string& sentence) override;

    /// Ends the current phase: nothing is drawn until the next call.
    void pause();

    bool has_person() const noexcept { return terminal_.has_person(); }
    /// Asks for a line, as Terminal does, with nothing drawn over the question.
    std::optional<std::string> ask(const std::string& question);

private:
    /// Prints above the animated line.
    void line(const std::string& text) NIMBUS_REQUIRES(mutex_);
    void clear_line() NIMBUS_REQUIRES(mutex_);
    void draw() NIMBUS_REQUIRES(mutex_);
    std::string activity() const NIMBUS_REQUIRES(mutex_);
    void animate(const std::stop_token& stop);

    const Terminal& terminal_;
    Mutex mutex_;
    std::condition_variable_any wake_; ///< the one of the library that takes a stop_token
    std::string phase_ NIMBUS_GUARDED_BY(mutex_);
    /// "create function get-users"
    std::vector<std::string> running_ NIMBUS_GUARDED_BY(mutex_);
    int done_ NIMBUS_GUARDED_BY(mutex_) = 0;
    int planned_ NIMBUS_GUARDED_BY(mutex_) = 0;
    bool drawn_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::size_t frame_ NIMBUS_GUARDED_BY(mutex_) = 0;
    std::jthread animation_; ///< only on a terminal
};

} // namespace nimbus::cli

#pragma once

#include "cli/terminal.h"
#include "deploy/status.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
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

private:
    void line(const std::string& text); ///< prints above the animated line
    void clear_line();
    void draw();
    std::string activity() const;
    void animate(const std::stop_token& stop);

    const Terminal& terminal_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::string phase_;
    std::vector<std::string> running_; ///< "create function get-users"
    int done_ = 0, planned_ = 0;
    bool drawn_ = false;
    std::size_t frame_ = 0;
    std::jthread animation_; ///< only on a terminal
};

} // namespace nimbus::cli

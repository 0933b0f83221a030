#include "cli/progress.h"

#include "cli/log_text.h"
#include "cli/text_layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr std::array frames{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::chrono::milliseconds frame_time{100};

} // namespace

Progress::Progress(const Terminal& terminal) : terminal_(terminal)
{
    if (terminal_.is_animated())
        animation_ = std::jthread([this](const std::stop_token& stop) { animate(stop); });
}

Progress::~Progress()
{
    if (animation_.joinable()) {
        animation_.request_stop();
        animation_.join();
    }
    const MutexLock lock(mutex_);
    clear_line();
}

void Progress::phase(const std::string& sentence)
{
    const MutexLock lock(mutex_);
    if (terminal_.is_animated()) {
        phase_ = sentence;
        draw();
    } else {
        std::cerr << sentence << "\n";
    }
}

void Progress::plan(int steps)
{
    const MutexLock lock(mutex_);
    planned_ = steps;
    done_ = 0;
    phase_.clear();
}

void Progress::started(const std::string& verb, const std::string& resource)
{
    const MutexLock lock(mutex_);
    running_.push_back(verb + " " + resource);
    if (terminal_.is_animated())
        draw();
}

void Progress::finished(const std::string& verb, const std::string& resource, double seconds)
{
    const MutexLock lock(mutex_);
    std::erase(running_, verb + " " + resource);
    ++done_;
    line(fmt::format("{} {:<7} {} {}", terminal_.green("✓"), verb, resource,
                     terminal_.dim(fmt::format("({:.2f} s)", seconds))));
}

void Progress::failed(const std::string& verb, const std::string& resource)
{
    const MutexLock lock(mutex_);
    std::erase(running_, verb + " " + resource);
    line(fmt::format("{} {:<7} {}", terminal_.red("✗"), verb, resource));
}

void Progress::note(const std::string& sentence)
{
    const MutexLock lock(mutex_);
    line(fmt::format("{} {}", terminal_.yellow("·"), sentence));
}

void Progress::pause()
{
    const MutexLock lock(mutex_);
    phase_.clear();
    running_.clear();
    planned_ = 0;
    clear_line();
}

std::optional<std::string> Progress::ask(const std::string& question)
{
    pause();
    return terminal_.ask(question);
}

void Progress::line(const std::string& text)
{
    clear_line();
    std::cerr << readable(text) << "\n"; // parts of it may be somebody else's
    if (terminal_.is_animated())
        draw();
}

void Progress::clear_line()
{
    if (drawn_)
        std::cerr << "\r\x1b[2K" << std::flush;
    drawn_ = false;
}

std::string Progress::activity() const
{
    std::string text = running_.empty() ? phase_ : "";
    if (!running_.empty() && planned_ > 0)
        text = fmt::format("{}/{} ", done_, planned_);
    for (std::size_t i = 0; i < running_.size(); ++i)
        text += (i == 0 ? "" : ", ") + running_[i];
    return shortened(readable(text),
                     std::max<std::size_t>(13, terminal_columns(STDERR_FILENO)) - 3);
}

void Progress::draw()
{
    const auto text = activity();
    clear_line();
    if (text.empty())
        return;
    std::cerr << frames[frame_ % frames.size()] << " " << text << std::flush;
    drawn_ = true;
}

void Progress::animate(const std::stop_token& stop)
{
    MutexLock lock(mutex_);
    while (!stop.stop_requested()) {
        wake_.wait_for(lock, stop, frame_time, [] { return false; });
        if (stop.stop_requested())
            return;
        ++frame_;
        if (drawn_)
            draw();
    }
}

} // namespace nimbus::cli

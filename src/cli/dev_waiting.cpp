#include "cli/dev_waiting.h"

#include "base/error.h"
#include "base/time.h"
#include "cli/interrupts.h"
#include "cli/psql.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>
#include <poll.h>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Editors and formatters write several times: so long nothing has to happen before a build begins,
constexpr auto quiet_time = 10ms;
/// or so long a file has to be left open,
constexpr auto open_time = 250ms;
/// but no longer than that after the first change.
constexpr auto longest_wait = 2s;

} // namespace

std::optional<std::set<std::filesystem::path>>
DevWaiting::run(std::set<std::filesystem::path> changed)
{
    std::optional<DevKeys> keys;
    const bool has_person = terminal_.has_person();
    auto latest = Clock::time_point::max();
    auto quiet = Deadline::after(quiet_for());
    while (!interrupted()) {
        if (has_person && !keys)
            keys.emplace();
        std::array<pollfd, 4> sources{
            pollfd{.fd = files_.descriptor(), .events = POLLIN, .revents = 0},
            pollfd{.fd = interrupt_descriptor(), .events = POLLIN, .revents = 0},
            pollfd{.fd = logs_.descriptor(), .events = POLLIN, .revents = 0},
            pollfd{.fd = keys ? keys->descriptor() : -1, .events = POLLIN, .revents = 0}};
        const auto wait =
            changed.empty() ? patience() : static_cast<int>(quiet.remaining().count());
        if (::poll(sources.data(), sources.size(), wait) < 0 && errno != EINTR)
            throw_system_error(errno, "Cannot wait for changes");
        const auto now = Clock::now();
        const bool is_quiet = sources[0].revents == 0 && quiet.reached();
        if (!changed.empty() && (is_quiet || now > latest))
            return changed;
        if (sources[0].revents != 0) {
            changed.merge(files_.changes());
            quiet = Deadline::after(quiet_for());
        }
        if (!changed.empty() && latest == Clock::time_point::max())
            latest = now + longest_wait;
        logs_.notice();
        if (changed.empty()) // else they can wait: somebody waits for the build
            show_logs();
        const auto key = sources[3].revents == 0 ? std::nullopt : keys->take();
        if (key == 'q')
            return {};
        if (key == 'r')
            return changed;
        if (key == 's')
            keys.reset(); // the terminal is psql's meanwhile
        if (key)
            act(*key);
    }
    return {};
}

std::chrono::milliseconds DevWaiting::quiet_for() const
{
    return files_.is_being_written() ? std::chrono::milliseconds(open_time) : quiet_time;
}

/// For poll(2), while nothing has changed.
int DevWaiting::patience() const
{
    const auto wait = are_logs_shown_ ? logs_.due() : std::nullopt;
    return wait ? static_cast<int>(wait->count()) : -1;
}

void DevWaiting::show_logs()
{
    if (!are_logs_shown_ || logs_.due() != 0ms)
        return;
    try {
        for (const auto& line : logs_.read())
            report_.log(line);
    } catch (const Error& error) {
        report_.note(std::string("The logs cannot be read: ") + error.what());
        are_logs_shown_ = false;
    }
}

void DevWaiting::act(char key)
{
    if (key == 'l') {
        are_logs_shown_ = !are_logs_shown_;
        report_.note(are_logs_shown_ ? "Logs are shown" : "Logs are not shown");
    } else if (key == 'c') {
        std::cerr << "\x1b[H\x1b[2J\x1b[3J" << std::flush;
    } else if (key == 's') {
        open_psql();
    } else {
        report_.keys();
    }
}

void DevWaiting::open_psql()
{
    try {
        if (const auto& outputs = development_.outputs())
            run_psql(development_.target(), *outputs);
    } catch (const Error& error) {
        report_.note(error.what());
    }
}

} // namespace nimbus::cli

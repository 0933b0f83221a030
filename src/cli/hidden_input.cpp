#include "cli/hidden_input.h"

#include "base/error.h"
#include "base/unique_fd.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

/// What the keyboard and other programs end or stop this one with.
constexpr std::array signals_to_wait_for{SIGINT, SIGQUIT, SIGTSTP, SIGTERM, SIGHUP};

/// Linux's line discipline keeps 4095 bytes of a line and drops what follows (N_TTY_BUF_SIZE).
constexpr std::size_t longest_line = 4095;

std::atomic<int> signal_pipe = -1; // a signal handler reaches nothing else
static_assert(std::atomic<int>::is_always_lock_free);

void write_to_pipe(int signal)
{
    const int error = errno;
    const auto byte = static_cast<char>(signal);
    [[maybe_unused]] const auto ignored = ::write(signal_pipe, &byte, 1);
    errno = error;
}

/// While it lives, signals do not end the program: they can be read from a descriptor.
class CaughtSignals {
public:
    CaughtSignals()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw_system_error(errno, "Cannot create a pipe");
        read_ = UniqueFd(ends[0]);
        write_ = UniqueFd(ends[1]);
        signal_pipe = write_.get();
        struct sigaction action{};
        action.sa_handler = write_to_pipe;
        for (std::size_t i = 0; i < signals_to_wait_for.size(); ++i)
            ::sigaction(signals_to_wait_for.at(i), &action, &before_.at(i));
    }
    ~CaughtSignals()
    {
        for (std::size_t i = 0; i < signals_to_wait_for.size(); ++i)
            ::sigaction(signals_to_wait_for.at(i), &before_.at(i), nullptr);
        signal_pipe = -1;
    }
    CaughtSignals(const CaughtSignals&) = delete;
    CaughtSignals& operator=(const CaughtSignals&) = delete;

    int descriptor() const noexcept { return read_.get(); }
    /// The first that came, or waits for one.
    int take() const
    {
        char signal = 0;
        while (::read(read_.get(), &signal, 1) < 0 && errno == EINTR) {
        }
        return signal;
    }

private:
    UniqueFd read_, write_;
    std::array<struct sigaction, signals_to_wait_for.size()> before_{};
};

/// While it lives, the terminal on standard input shows nothing of what is typed but the end of the
/// line. Discards what was typed before and not read, at both ends of its life.
class SilentTerminal {
public:
    SilentTerminal()
    {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            throw_system_error(errno, "Cannot read the settings of the terminal");
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL | ICANON;
        if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
            throw_system_error(errno, "Cannot hide what is typed on the terminal");
    }
    ~SilentTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    /// Was more typed, or pasted, than the line that was read? Lines end here: the terminal would
    /// not tell of one without an end otherwise.
    bool has_more() const
    {
        auto by_character = before_;
        by_character.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        by_character.c_cc[VMIN] = 1;
        by_character.c_cc[VTIME] = 0;
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        return ::tcsetattr(STDIN_FILENO, TCSANOW, &by_character) == 0 && ::poll(&input, 1, 0) > 0;
    }

private:
    termios before_{};
};

/// The line that the terminal has ready.
std::optional<std::string> read_line(const SilentTerminal& terminal)
{
    std::array<char, longest_line + 1> buffer;
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0)
        throw_system_error(errno, "Cannot read from the terminal");
    std::string line(buffer.data(), static_cast<std::size_t>(got));
    if (line.empty())
        return {};
    if (line.size() >= longest_line || terminal.has_more())
        throw Error("The value is longer than a line on a terminal can be",
                    "Pass it on standard input instead, for example from a file: < FILE");
    if (line.back() == '\n')
        line.pop_back();
    return line;
}

struct Answer {
    std::optional<std::string> line;
    int signal = 0; ///< that came instead
};

/// The terminal is silent before the question is there: what is typed at once is not shown.
Answer ask_once(const std::string& question)
{
    const CaughtSignals signals;
    const SilentTerminal terminal;
    std::cerr << question << std::flush;
    std::array<pollfd, 2> sources{
        pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
        pollfd{.fd = signals.descriptor(), .events = POLLIN, .revents = 0}};
    while (::poll(sources.data(), sources.size(), -1) < 0)
        if (errno != EINTR)
            throw_system_error(errno, "Cannot wait for the terminal");
    if (sources[1].revents != 0)
        return {.line = {}, .signal = signals.take()};
    return {.line = read_line(terminal)};
}

} // namespace

std::optional<std::string> ask_hidden(const std::string& question)
{
    for (;;) {
        auto answer = ask_once(question);
        if (answer.signal == 0)
            return std::move(answer.line);
        std::cerr << "\n";
        ::raise(answer.signal); // ends the program, or stops it until `fg`: then it asks again
    }
}

} // namespace nimbus::cli

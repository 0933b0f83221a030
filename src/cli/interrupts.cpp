#include "cli/interrupts.h"

#include "base/error.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <sys/eventfd.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

std::atomic<bool> noted = false; // a signal handler reaches nothing else
std::atomic<int> event = -1;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void note_silently(int)
{
    const int error = errno;
    const std::uint64_t one = 1;
    noted = true;
    [[maybe_unused]] const auto ignored = ::write(event, &one, sizeof(one));
    errno = error;
}

void note(int signal)
{
    constexpr std::string_view answer =
        "\nStopping after the steps that have begun; press Ctrl-C again to stop at once.\n";
    note_silently(signal);
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, answer.data(), answer.size());
}

void take(void (*handler)(int))
{
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    ::signal(SIGPIPE, SIG_IGN); // a closed terminal does not end a deploy half-way
    for (const int signal : {SIGINT, SIGTERM})
        ::sigaction(signal, &action, nullptr);
    struct sigaction before{};
    if (::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) // nohup(1)
        ::sigaction(SIGHUP, &action, nullptr);
}

} // namespace

void take_interrupts()
{
    take(note);
}

void take_interrupts_silently()
{
    take(note_silently);
}

int interrupt_descriptor()
{
    if (event < 0)
        event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0)
        throw_system_error(errno, "Cannot wait for signals");
    return event;
}

bool interrupted() noexcept
{
    return noted;
}

} // namespace nimbus::cli

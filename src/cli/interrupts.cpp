#include "cli/interrupts.h"

#include <atomic>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace nimbus::cli {
namespace {

std::atomic<bool> noted = false; // a signal handler reaches nothing else
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int)
{
    constexpr std::string_view answer =
        "\nStopping after the steps that have begun; press Ctrl-C again to stop at once.\n";
    noted = true;
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, answer.data(), answer.size());
}

} // namespace

void take_interrupts()
{
    struct sigaction action{};
    action.sa_handler = note;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    ::signal(SIGPIPE, SIG_IGN); // a closed terminal does not end a deploy half-way
    for (const int signal : {SIGINT, SIGTERM})
        ::sigaction(signal, &action, nullptr);
}

bool interrupted() noexcept
{
    return noted;
}

} // namespace nimbus::cli

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

/// For `nimbus debug`: a program in development that NIMBUS_WAIT_FOR_DEBUGGER asks to waits before
/// main until a debugger is attached to it.
namespace nimbus::detail {
namespace {

/// Does TracerPid in /proc/self/status (proc(5)) name a process?
bool is_traced()
{
    std::array<char, 4096> text{};
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return true; // nobody could tell the end of the wait
    const auto size = ::read(file, text.data(), text.size() - 1);
    ::close(file);
    const char* tracer = size > 0 ? std::strstr(text.data(), "\nTracerPid:") : nullptr;
    return tracer == nullptr || std::atoi(tracer + std::strlen("\nTracerPid:")) != 0;
}

[[gnu::constructor]] void wait_for_debugger()
{
    if (std::getenv("NIMBUS_WAIT_FOR_DEBUGGER") == nullptr)
        return;
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); // Yama would let parents alone attach
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    while (!is_traced())
        ::nanosleep(&pause, nullptr);
}

} // namespace
} // namespace nimbus::detail

#pragma once

#include <filesystem>

namespace nimbus {

/// One NIMBUS_ASSERT: what must hold, in C++ and in words, and where it stands.
struct Assertion {
    const char* condition;
    const char* words;
    const char* file; ///< as the compiler was given it
    int line;
};

/// Writes the assertion as one line of the log (see base/log.h) to standard error and to the
/// AssertionLog, then ends the process by SIGABRT. Takes no lock and no memory: the thread that
/// fails may hold any lock, and the heap may be what is broken.
[[noreturn]] void assertion_failed(const Assertion& assertion) noexcept;

/// While it lives, assertions that fail are written to this file, too. One at a time in a process:
/// what fails has nobody who could hand it a log, so the file's name is kept for all of it.
///
/// It is the name that is kept and not an open file, so that the line goes to the file that has
/// the name by then: logs are rotated.
class AssertionLog {
public:
    explicit AssertionLog(const std::filesystem::path& file);
    ~AssertionLog();
    AssertionLog(const AssertionLog&) = delete;
    AssertionLog& operator=(const AssertionLog&) = delete;
};

} // namespace nimbus

/// States what must hold here unless Nimbus itself is wrong; checked in every build. What comes
/// from outside (a request, a file, a function's answer) is refused with an Error instead.
/// `words`, a literal, say what is broken when it does not hold.
#define NIMBUS_ASSERT(condition, words)                                                            \
    (__builtin_expect(static_cast<bool>(condition), 1)                                             \
         ? static_cast<void>(0)                                                                    \
         : ::nimbus::assertion_failed({#condition, words, __FILE__, __LINE__}))

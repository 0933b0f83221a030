#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace nimbus {

/// A failure that a person is told about: what went wrong and on what, and what to do next.
///
/// Thrown for everything that is not a bug in Nimbus: bad input, a missing program, a refused call.
/// Caught at the boundaries only: a subcommand, a deploy step, a session, a request. `what()` is
/// one sentence without a trailing newline; `hint()` is empty or the sentence that names the way
/// out.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message, std::string hint = {})
        : std::runtime_error(message), hint_(std::move(hint))
    {
    }

    const std::string& hint() const noexcept { return hint_; }

private:
    std::string hint_;
};

/// The command line or the program's declarations are wrong: exit code 2 instead of 1.
class UsageError : public Error {
public:
    using Error::Error;
};

/// What an error says, and the way out, as one text: for a log line, an answer.
std::string sentences_of(const Error& error);

/// Throws Error "<what>: <text of errno>"; `error_number` is an errno value.
[[noreturn]] void throw_system_error(int error_number, const std::string& what,
                                     std::string hint = {});

} // namespace nimbus

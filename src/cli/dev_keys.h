#pragma once

#include <optional>
#include <termios.h>

namespace nimbus::cli {

/// While it lives, each key that is pressed on standard input, a terminal, can be read at once and
/// is not shown; Ctrl-C and Ctrl-Z do what they do. Throws Error when the terminal has hung up.
class DevKeys {
public:
    DevKeys();
    /// Gives the terminal its settings back.
    ~DevKeys();
    DevKeys(const DevKeys&) = delete;
    DevKeys& operator=(const DevKeys&) = delete;

    int descriptor() const noexcept;
    /// The next key that was pressed; 'q' when the terminal has hung up.
    std::optional<char> take() const;

private:
    termios before_{};
};

} // namespace nimbus::cli

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::cli {

/// Columns of the terminal that `descriptor` is, which knows when its window changed; where it is
/// none, COLUMNS (POSIX.1-2017, volume 1, section 8.3), else 80.
std::size_t terminal_columns(int descriptor);

/// What standard error can do, and whether a person is there to answer.
class Terminal {
public:
    /// Looks at the streams, NO_COLOR (no-color.org) and TERM.
    static Terminal detect(bool no_color);

    /// Its lines may be drawn over.
    bool is_animated() const noexcept { return animated_; }
    /// Standard input and error are a terminal.
    bool has_person() const noexcept { return person_; }
    bool is_standard_input_terminal() const noexcept { return input_; }
    bool is_standard_output_terminal() const noexcept { return output_; }

    std::string dim(std::string_view text) const { return styled("2", text); }
    std::string red(std::string_view text) const { return styled("1;31", text); }
    std::string green(std::string_view text) const { return styled("32", text); }
    std::string yellow(std::string_view text) const { return styled("33", text); }

    /// Asks on standard error; only "y" and "yes" agree. False when no person is there.
    bool confirm(const std::string& question) const;
    /// Asks for a line; nothing at the end of the input (Ctrl-D).
    std::optional<std::string> ask(const std::string& question) const;

private:
    std::string styled(std::string_view code, std::string_view text) const;

    bool color_ = false; ///< standard error may be coloured
    bool animated_ = false;
    bool person_ = false;
    bool input_ = false;  ///< standard input is a terminal
    bool output_ = false; ///< standard output is a terminal
};

} // namespace nimbus::cli

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nimbus::cli {

/// What standard error can do, and whether a person is there to answer.
class Terminal {
public:
    /// Looks at the streams, NO_COLOR (no-color.org) and TERM.
    static Terminal detect(bool no_color);

    /// Standard error may be coloured.
    bool has_color() const noexcept { return color_; }
    /// Its lines may be drawn over.
    bool is_animated() const noexcept { return animated_; }
    /// Standard input and error are a terminal.
    bool has_person() const noexcept { return person_; }
    bool is_standard_input_terminal() const noexcept { return input_; }
    bool is_standard_output_terminal() const noexcept { return output_; }

    std::string bold(std::string_view text) const { return styled("1", text); }
    std::string dim(std::string_view text) const { return styled("2", text); }
    std::string red(std::string_view text) const { return styled("1;31", text); }
    std::string green(std::string_view text) const { return styled("32", text); }
    std::string yellow(std::string_view text) const { return styled("33", text); }

    /// Asks on standard error; only "y" and "yes" agree. False when no person is there.
    bool confirm(const std::string& question) const;
    /// Asks for a line; nothing at the end of the input (Ctrl-D).
    std::optional<std::string> ask(const std::string& question) const;

    /// Columns of standard error; 80 when it is no terminal.
    int width() const;

private:
    std::string styled(std::string_view code, std::string_view text) const;

    bool color_ = false, animated_ = false, person_ = false, input_ = false, output_ = false;
};

} // namespace nimbus::cli

#include "cli/terminal.h"

#include "base/number.h"
#include "base/text.h"

#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nimbus::cli {

std::size_t terminal_columns(int descriptor)
{
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char* wanted = std::getenv("COLUMNS");
    const auto columns = parse_number<std::size_t>(wanted ? wanted : "");
    return columns && *columns > 0 ? *columns : 80;
}

Terminal Terminal::detect(bool no_color)
{
    const char* term = std::getenv("TERM");
    const char* no_color_variable = std::getenv("NO_COLOR");
    Terminal terminal;
    const bool error_is_terminal = ::isatty(STDERR_FILENO) == 1;
    const bool dumb = !term || std::string_view(term) == "dumb";
    terminal.animated_ = error_is_terminal && !dumb;
    terminal.color_ =
        terminal.animated_ && !no_color && !(no_color_variable && *no_color_variable != '\0');
    terminal.input_ = ::isatty(STDIN_FILENO) == 1;
    terminal.output_ = ::isatty(STDOUT_FILENO) == 1;
    terminal.person_ = error_is_terminal && terminal.input_;
    return terminal;
}

std::string Terminal::styled(std::string_view code, std::string_view text) const
{
    if (!color_)
        return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

bool Terminal::confirm(const std::string& question) const
{
    if (!person_)
        return false;
    const auto answer = to_lower(ask(question + " [y/N] ").value_or("no"));
    return answer == "y" || answer == "yes";
}

std::optional<std::string> Terminal::ask(const std::string& question) const
{
    std::cerr << question << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) {
        std::cerr << "\n";
        return {};
    }
    return std::string(trim(line));
}

} // namespace nimbus::cli

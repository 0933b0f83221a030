#include "cli/man_page.h"

#include "base/text.h"

#include <fmt/core.h>

namespace nimbus::cli {
namespace {

/// What stands for itself in ASCII, and the escape of groff_char(7) for the rest. A hyphen would
/// become a typographic one, which nobody can copy into a shell.
std::string escaped(char32_t character)
{
    switch (character) {
    case U'\\':
        return "\\e";
    case U'-':
        return "\\-";
    case U'\'':
        return "\\(aq";
    case U'^':
        return "\\(ha";
    case U'~':
        return "\\(ti";
    case U'`':
        return "\\(ga";
    default:
        return character < 0x80 ? std::string(1, static_cast<char>(character))
                                : fmt::format("\\[u{:04X}]", static_cast<unsigned>(character));
    }
}

/// UTF-8 that is known to be right: it stands in this program.
std::u32string code_points(std::string_view utf8)
{
    std::u32string points;
    for (const char byte : utf8) {
        const auto bits = static_cast<unsigned char>(byte);
        if (bits < 0x80)
            points += bits;
        else if (bits >= 0xf0)
            points += bits & 0x07U;
        else if (bits >= 0xe0)
            points += bits & 0x0fU;
        else if (bits >= 0xc0)
            points += bits & 0x1fU;
        else
            points.back() = points.back() << 6U | (bits & 0x3fU);
    }
    return points;
}

std::string escaped(std::string_view text)
{
    std::string result;
    for (const auto character : code_points(text))
        result += escaped(character);
    // A line that begins with a period would be a request.
    return result.starts_with('.') ? "\\&" + result : result;
}

/// A tag and its text, indented.
std::string entry(const std::string& tag, const std::string& text)
{
    return ".TP\n.B " + escaped(tag) + "\n" + escaped(text) + "\n";
}

std::string help_of(const ArgumentDescription& argument)
{
    return argument.choices.empty() ? argument.help
                                    : argument.help + ": " + join(argument.choices, ", ");
}

std::string entries_of(const std::vector<ArgumentDescription>& arguments)
{
    std::string text;
    for (const auto& argument : arguments)
        text += entry(spelling_of(argument), help_of(argument));
    return text;
}

std::string examples_of(const CommandDescription& command)
{
    std::string text;
    for (const auto& [line, purpose] : command.examples)
        text += ".PP\n.EX\n" + escaped(line) + "\n.EE\n.RS 4\n" + escaped(purpose) + "\n.RE\n";
    return text;
}

std::string section_of(const CommandDescription& command)
{
    auto options = command.options; // but for --help, which all have
    std::erase_if(options, [](const auto& option) { return option.names.back() == "--help"; });
    return ".SS " + escaped(usage_of(command)) + "\n" + escaped(command.help + ".") + "\n" +
           entries_of(command.positionals) + entries_of(options) + examples_of(command);
}

constexpr std::string_view page = R"(.TH NIMBUS 1 "" "nimbus {version}"
.SH NAME
nimbus \- deploy a program and what it declares to AWS or to a local cloud
.SH SYNOPSIS
.B {usage}
.SH DESCRIPTION
{description}
The result of a command goes to standard output; with
.B \-\-json
it is one JSON object. Progress and errors go to standard error.
.SH OPTIONS
{options}.SH COMMANDS
{commands}.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Failed, refused or interrupted, or a person answered no.
.TP
.B 2
Wrong usage, or a mistake in what the program declares.
.SH ENVIRONMENT
.TP
.B NIMBUS_HOME
The home of the local cloud (default: \(ti/.nimbus).
.TP
.B NIMBUS_LOG_LEVEL
How much a local cloud logs.
.TP
.B NIMBUS_LOCK_TIMEOUT
Seconds to wait for a lock that somebody else holds (default: 60).
.TP
.B NO_COLOR
Turns colours off.
.SH FILES
.TP
.B .nimbusrc
Where to deploy to: JSON, in the project directory or else in the home directory.
.SH EXAMPLES
{examples}.SH SEE ALSO
.BR psql (1)
)";

} // namespace

std::string man_page(const CommandDescription& program)
{
    std::string commands;
    visit_commands(program, [&](const CommandDescription& command) {
        if (&command != &program)
            commands += section_of(command);
    });
    return fmt::format(page, fmt::arg("version", escaped(NIMBUS_VERSION)),
                       fmt::arg("usage", escaped(usage_of(program))),
                       fmt::arg("description", escaped(program.help)),
                       fmt::arg("options", entries_of(program.options)),
                       fmt::arg("commands", commands), fmt::arg("examples", examples_of(program)));
}

} // namespace nimbus::cli

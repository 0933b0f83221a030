#include "base/text.h"
#include "cli/completion.h"

#include <fmt/core.h>

namespace nimbus::cli {
namespace {

/// Between single quotes, fish knows \\ and \' alone.
/// Source: fish's documentation, "The fish language", Quotes.
std::string fish_word(std::string_view text)
{
    return "'" + replace_all(replace_all(std::string(text), "\\", "\\\\"), "'", "\\'") + "'";
}

/// "local start" of "nimbus local start"
std::string below_program(const CommandDescription& command)
{
    const auto blank = command.path.find(' ');
    return blank == std::string::npos ? "" : command.path.substr(blank + 1);
}

/// `complete` for what may follow a command; fish runs the condition each time.
std::string line_of(const CommandDescription& command)
{
    return "complete -c nimbus -n " + fish_word("__nimbus_is_at " + below_program(command));
}

std::string option_line(const CommandDescription& command, const ArgumentDescription& option)
{
    auto line = line_of(command);
    for (const auto& name : option.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option.is_file)
        line += " -r -F";
    else if (!option.placeholder.empty() && !option.placeholder.starts_with('['))
        line += " -x";
    if (!option.choices.empty())
        line += " -a " + fish_word(join(option.choices, " "));
    return line + " -d " + fish_word(option.help) + "\n";
}

std::string lines_of(const CommandDescription& command)
{
    std::string lines;
    for (const auto& below : command.commands)
        lines +=
            fmt::format("{} -a {} -d {}\n", line_of(command), below.name(), fish_word(below.help));
    for (const auto& positional : command.positionals) {
        if (positional.is_file)
            lines += line_of(command) + " -F\n";
        if (!positional.choices.empty())
            lines += line_of(command) + " -a " + fish_word(join(positional.choices, " ")) + "\n";
    }
    for (const auto& option : command.options)
        lines += option_line(command, option);
    return lines;
}

constexpr std::string_view script =
    R"(# Completion of nimbus for fish; 'nimbus completion fish' wrote it.
function __nimbus_is_at --description 'Is this the command that is being typed?'
    set -l commands {0}
    set -l at
    for word in (commandline -opc)[2..]
        set -l deeper (string trim -- "$at $word")
        contains -- $deeper $commands; and set at $deeper
    end
    test "$at" = "$argv"
end
complete -c nimbus -f
{1})";

} // namespace

std::string fish_completion(const CommandDescription& program)
{
    std::vector<std::string> paths;
    std::string lines;
    visit_commands(program, [&](const CommandDescription& command) {
        // `help deploy` is followed by what follows `deploy`.
        if (&command != &program && command.path != "nimbus help")
            paths.push_back(fish_word(below_program(command)));
        lines += lines_of(command);
    });
    return fmt::format(script, join(paths, " "), lines);
}

} // namespace nimbus::cli

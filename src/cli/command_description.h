#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

/// What the command line takes, as data: help texts, completion scripts and the manual page are
/// made of it. A Command (cli/command.h) writes it while it is declared. Hidden things are not in
/// it.
namespace nimbus::cli {

struct ArgumentDescription {
    /// "-y" and "--yes"; of a positional its name alone, "FILE".
    std::vector<std::string> names;
    /// Of an option's value: "STAGE", or "[RATE]" where it may be left out. A flag has none.
    std::string placeholder;
    std::string help;
    std::vector<std::string> choices; ///< all values there are; empty: any
    bool is_file = false;             ///< the value names one
    bool is_required = false;
    bool is_repeatable = false;
};

struct ExampleDescription {
    std::string command, purpose;
};

struct CommandDescription {
    std::string path; ///< "nimbus local start"
    std::string help; ///< one line
    std::vector<ArgumentDescription> options;
    std::vector<ArgumentDescription> positionals;
    /// What may follow `--`: "COMMAND"; no name: nothing.
    ArgumentDescription following;
    std::vector<ExampleDescription> examples;
    /// A list, for Command keeps references to its members.
    std::list<CommandDescription> commands;
    std::list<CommandDescription> hidden; ///< commands that Nimbus itself runs; shown nowhere

    /// The last word of the path.
    std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

/// Calls `visit` with `command` and all commands below it, each before its own.
template <class Visit>
void visit_commands(const CommandDescription& command, const Visit& visit)
{
    visit(command);
    for (const auto& below : command.commands)
        visit_commands(below, visit);
}

/// "nimbus deploy [OPTIONS] [FILE]"
std::string usage_of(const CommandDescription& command);

/// "-y, --yes" or "--stage STAGE".
std::string spelling_of(const ArgumentDescription& argument);

} // namespace nimbus::cli

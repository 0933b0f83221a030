#include "cli/command_description.h"

#include "base/text.h"

namespace nimbus::cli {

std::string usage_of(const CommandDescription& command)
{
    auto usage = command.path + " [OPTIONS]";
    for (const auto& positional : command.positionals) {
        const auto& name = positional.names.front();
        usage += positional.is_required ? " " + name : " [" + name + "]";
    }
    if (!command.following.names.empty())
        usage += " [-- " + command.following.names.front() + "...]";
    return command.commands.empty() ? usage : usage + " COMMAND";
}

std::string spelling_of(const ArgumentDescription& argument)
{
    const auto names = join(argument.names, ", ");
    return argument.placeholder.empty() ? names : names + " " + argument.placeholder;
}

} // namespace nimbus::cli

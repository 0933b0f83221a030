#include "base/text.h"
#include "cli/completion.h"
#include "cli/shell_word.h"

#include <fmt/core.h>

namespace nimbus::cli {
namespace {

/// "nimbus local start" as the name of a function of the script.
std::string function_of(const CommandDescription& command)
{
    return "_" + replace_all(replace_all(command.path, " ", "_"), "-", "_");
}

/// In a specification of _arguments, brackets end an explanation and colons part it from the rest.
/// Source: zshcompsys(1), "_arguments".
std::string escaped(std::string text)
{
    for (const std::string special : {"\\", "[", "]", ":"})
        text = replace_all(std::move(text), special, "\\" + special);
    return text;
}

/// "LEVEL:(error warning)": what a value is called, and what it may be.
std::string value_of(const std::string& name, const ArgumentDescription& argument)
{
    const auto title = escaped(replace_all(replace_all(name, "[", ""), "]", ""));
    if (argument.is_file)
        return title + ":_files";
    if (!argument.choices.empty())
        return title + ":(" + join(argument.choices, " ") + ")";
    return title + ": ";
}

std::string option_lines(const ArgumentDescription& option)
{
    std::string lines;
    for (const auto& name : option.names) {
        std::string specification = option.is_repeatable ? "*" : "";
        // The other names of the same option are not offered after this one.
        if (option.names.size() > 1 && !option.is_repeatable)
            specification = "(" + join(option.names, " ") + ")";
        specification += name;
        if (!option.placeholder.empty() && name.starts_with("--"))
            specification += "=";
        specification += "[" + escaped(option.help) + "]";
        if (!option.placeholder.empty())
            specification += (option.placeholder.starts_with('[') ? "::" : ":") +
                             value_of(option.placeholder, option);
        lines += "        " + shell_word(specification) + " \\\n";
    }
    return lines;
}

/// The function of a command that others follow.
std::string parent_function(const CommandDescription& command, bool is_program)
{
    std::string commands, branches;
    for (const auto& below : command.commands) {
        commands += "            " + shell_word(below.name() + ":" + below.help) + "\n";
        // `help deploy` is followed by what follows `deploy`.
        const bool is_help = is_program && below.name() == "help";
        branches += fmt::format("        {}) {} ;;\n", below.name(),
                                is_help ? function_of(command) : function_of(below));
    }
    std::string options;
    for (const auto& option : command.options)
        options += option_lines(option);
    return fmt::format(R"({0}()
{{
    local curcontext=$curcontext state line
    typeset -A opt_args
    _arguments -C \
{1}        '1: :->command' '*:: :->rest'
    case $state in
    command)
        local -a commands=(
{2}        )
        _describe command commands
        ;;
    rest)
        case $line[1] in
{3}        esac
        ;;
    esac
}}

)",
                       function_of(command), options, commands, branches);
}

std::string leaf_function(const CommandDescription& command)
{
    std::string lines;
    for (const auto& option : command.options)
        lines += option_lines(option);
    for (const auto& positional : command.positionals)
        lines +=
            "        " + shell_word(":" + value_of(positional.names.front(), positional)) + " \\\n";
    return fmt::format("{}()\n{{\n    _arguments \\\n{}        && return\n}}\n\n",
                       function_of(command), lines);
}

} // namespace

std::string zsh_completion(const CommandDescription& program)
{
    std::string functions;
    visit_commands(program, [&](const CommandDescription& command) {
        functions += command.commands.empty() ? leaf_function(command)
                                              : parent_function(command, &command == &program);
    });
    return "#compdef nimbus\n"
           "# Completion of nimbus for zsh; 'nimbus completion zsh' wrote it.\n\n" +
           functions +
           // As a file in fpath it is the body of the function _nimbus at first.
           "if [ \"$funcstack[1]\" = _nimbus ]; then\n"
           "    _nimbus \"$@\"\n"
           "else\n"
           "    compdef _nimbus nimbus\n"
           "fi\n";
}

} // namespace nimbus::cli

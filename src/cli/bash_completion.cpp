#include "base/text.h"
#include "cli/completion.h"
#include "cli/shell_word.h"

#include <fmt/core.h>

namespace nimbus::cli {
namespace {

/// What a `case` does for the value of an option, or of a positional.
std::string candidates_of(const ArgumentDescription& argument)
{
    if (argument.is_file)
        return "files=yes";
    return "words=" + shell_word(join(argument.choices, " "));
}

std::string option_names(const CommandDescription& command)
{
    std::vector<std::string> names;
    for (const auto& option : command.options)
        names.push_back(option.names.back());
    return join(names, " ");
}

/// The values of options: "nimbus local start --log-level"
std::string value_cases(const CommandDescription& program)
{
    std::string cases;
    visit_commands(program, [&](const CommandDescription& command) {
        for (const auto& option : command.options) {
            if (option.placeholder.empty())
                continue;
            std::vector<std::string> patterns;
            for (const auto& name : option.names)
                patterns.push_back(shell_word(command.path + " " + name));
            cases += fmt::format("    {}) {} ;;\n", join(patterns, " | "), candidates_of(option));
        }
    });
    return cases;
}

/// What may follow a command.
std::string command_cases(const CommandDescription& program)
{
    std::string cases;
    visit_commands(program, [&](const CommandDescription& command) {
        std::vector<std::string> words;
        bool takes_file = false;
        for (const auto& below : command.commands)
            words.push_back(below.name());
        for (const auto& positional : command.positionals) {
            words.insert(words.end(), positional.choices.begin(), positional.choices.end());
            takes_file = takes_file || positional.is_file;
        }
        cases += fmt::format("        {}) options={} words={}{} ;;\n", shell_word(command.path),
                             shell_word(option_names(command)), shell_word(join(words, " ")),
                             takes_file ? " files=yes" : "");
    });
    return cases;
}

/// A pattern for each command, by which the script finds the one that is being typed.
std::string path_patterns(const CommandDescription& program)
{
    std::vector<std::string> patterns;
    visit_commands(program, [&](const CommandDescription& command) {
        // `help deploy` is followed by what follows `deploy`.
        if (&command != &program && command.path != "nimbus help")
            patterns.push_back(shell_word(command.path));
    });
    return join(patterns, " | ");
}

// bash takes `--name=value` as three words: COMP_WORDBREAKS has the equals sign.
constexpr std::string_view script =
    R"(# Completion of nimbus for bash; 'nimbus completion bash' wrote it.
_nimbus()
{{
    local word=$2 previous=$3 command=nimbus options= words= files= index
    [ "$word" != = ] || word=
    [ "$previous" != = ] || previous=${{COMP_WORDS[COMP_CWORD - 2]}}
    for ((index = 1; index < COMP_CWORD; index++)); do
        case "$command ${{COMP_WORDS[index]}}" in
        {0}) command+=" ${{COMP_WORDS[index]}}" ;;
        esac
    done
    case "$command $previous" in
{1}    *)
        case $command in
{2}        esac
        [[ $word != -* && $words$files ]] || {{
            words=$options
            files=
        }}
        ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [ "$files" ]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$word")
    fi
}}
complete -F _nimbus nimbus
)";

} // namespace

std::string bash_completion(const CommandDescription& program)
{
    return fmt::format(script, path_patterns(program), value_cases(program),
                       command_cases(program));
}

} // namespace nimbus::cli

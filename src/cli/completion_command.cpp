#include "cli/command.h"
#include "cli/completion.h"

#include <iostream>

/// nimbus completion: the script that a shell completes nimbus's command line with.
namespace nimbus::cli {
namespace {

struct Options {
    std::string shell;
    const CommandDescription* program = nullptr;
};

int run(const Options& options, const Terminal&)
{
    const auto script = options.shell == "bash"   ? bash_completion
                        : options.shell == "fish" ? fish_completion
                                                  : zsh_completion;
    std::cout << script(*options.program);
    return done;
}

} // namespace

void add_completion(const Command& root)
{
    add_command<Options>(
        root, "completion", "Print a script with which a shell completes nimbus's commands",
        [&root](const Command& command, Options& options) {
            options.program = &root.description();
            command.positional("SHELL", options.shell, "bash, zsh or fish");
            command.choices("SHELL", {"bash", "zsh", "fish"});
            command.required("SHELL");
            command.examples(
                {{"source <(nimbus completion bash)", "for this session; also in ~/.bashrc"},
                 {"nimbus completion fish > ~/.config/fish/completions/nimbus.fish",
                  "from the next session on"}});
        },
        run);
}

} // namespace nimbus::cli

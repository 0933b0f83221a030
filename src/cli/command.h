#pragma once

#include "cli/command_description.h"
#include "cli/terminal.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

/// What subcommands share. Each has a file of its own with an `add_…` function, which declares its
/// options and says what to run; main.cpp lists them.
namespace nimbus::cli {

/// Exit codes (docs/cli.md).
enum ExitCode { done = 0, failed = 1, wrong_usage = 2 };

/// What a subcommand does: returns an exit code, or throws Error.
using Run = std::function<int(const Terminal&)>;

/// A command whose options are declared, over CLI11, whose headers stay in command.cpp: they take
/// longer to compile than all of this room. The references given are written while the command
/// line is parsed, and have to live until what is run ends. `names` are as in "-y,--yes".
class Command {
public:
    /// `description` gets what is declared, and `chosen` what to run once the command line is
    /// parsed.
    Command(CLI::App& app, CommandDescription& description, Run& chosen)
        : app_(app), description_(description), chosen_(chosen)
    {
    }

    /// Of this command and those below it; it lives until what is run ends.
    const CommandDescription& description() const { return description_; }

    Command add(const std::string& name, const std::string& description) const;
    /// As `add`, but not in the help text.
    Command add_hidden(const std::string& name) const;
    void on_chosen(Run run) const;

    void flag(const std::string& names, bool& value, const std::string& help) const;
    /// A text; an empty one is refused, as it is of a positional.
    void option(const std::string& names, std::string& value, const std::string& placeholder,
                const std::string& help) const;
    /// A port.
    void option(const std::string& names, std::optional<std::uint16_t>& value,
                const std::string& placeholder, const std::string& help) const;
    /// May be given several times; texts may be empty.
    void option(const std::string& names, std::vector<std::string>& values,
                const std::string& placeholder, const std::string& help) const;
    /// Stands for `implied` when no value follows.
    void option(const std::string& names, std::string& value, const std::string& implied,
                const std::string& placeholder, const std::string& help) const;
    /// Lines below the help text: a command line, and what it is for.
    void examples(std::initializer_list<std::pair<std::string_view, std::string_view>> lines) const;

    void positional(const std::string& name, std::string& value, const std::string& help) const;
    /// One that the help text leaves out; it may be empty.
    void hidden_positional(const std::string& name, std::optional<std::string>& value) const;
    /// All that follows `--` on the command line, options and empty words included.
    void following(const std::string& name, std::vector<std::string>& words,
                   const std::string& help) const;
    /// The same value by its position or by an option, which the help text leaves out; the position
    /// wins.
    void positional_or_option(const std::string& name, const std::string& option,
                              std::string& value, const std::string& help) const;

    /// The option or positional takes one of these values; others are refused.
    void choices(const std::string& name, std::vector<std::string> values) const;
    /// The option or positional names a file, which shells complete.
    void takes_file(const std::string& name) const;
    void required(const std::string& name) const;
    void needs(const std::string& name, const std::string& other) const;
    void excludes(const std::string& name, const std::string& other) const;

    /// Of an option ("-y,--yes") or a positional ("NAME") that was added otherwise.
    void describe(const std::string& names, const std::string& placeholder, const std::string& help,
                  bool is_repeatable = false) const;

private:
    ArgumentDescription& described(const std::string& name) const;

    CLI::App& app_;
    CommandDescription& description_;
    Run& chosen_;
};

/// Adds a subcommand with an `Options` of its own: `declare(command, options)` binds its members,
/// `run(options, terminal)` runs after everything was parsed.
template <class Options, class Declare>
void add_command(const Command& parent, const std::string& name, const std::string& description,
                 Declare declare, int (*run)(const Options&, const Terminal&))
{
    const auto command =
        description.empty() ? parent.add_hidden(name) : parent.add(name, description);
    const auto options = std::make_shared<Options>();
    declare(command, *options);
    command.on_chosen([options, run](const Terminal& terminal) { return run(*options, terminal); });
}

/// Parses the command line and runs what it asks for; returns the exit code.
int run_command_line(int argc, char** argv, const std::function<void(const Command&)>& declare);

void add_new(const Command& root);
void add_init(const Command& root);
void add_deploy(const Command& root);
void add_dev(const Command& root);
void add_debug(const Command& root);
void add_plan(const Command& root);
void add_destroy(const Command& root);
void add_status(const Command& root);
void add_outputs(const Command& root);
void add_logs(const Command& root);
void add_invoke(const Command& root);
void add_sql(const Command& root);
void add_test(const Command& root);
void add_types(const Command& root);
void add_check(const Command& root);
void add_migrate(const Command& root);
void add_seed(const Command& root);
void add_secret(const Command& root);
void add_unlock(const Command& root);
void add_whoami(const Command& root);
void add_local(const Command& root);
void add_local_logs(const Command& local);
void add_local_names(const Command& local);
void add_local_faults(const Command& local);
void add_local_operations(const Command& local);
void add_local_check(const Command& local);
void add_local_backup(const Command& local);
void add_completion(const Command& root);
void add_man_page(const Command& root);

} // namespace nimbus::cli

#include "cli/command.h"

#include "base/error.h"
#include "base/text.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <exception>
#include <iostream>
#include <string_view>

namespace nimbus::cli {
namespace {

/// The command that was probably meant, when the first word is none.
std::string suggestion(const CLI::App& app, int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with('-'))
            continue;
        std::string best;
        std::size_t best_distance = 3;
        for (const auto* command : app.get_subcommands({})) {
            if (command->get_name() == word)
                return {};
            const auto distance = edit_distance(word, command->get_name());
            if (!command->get_group().empty() && distance < best_distance) {
                best_distance = distance;
                best = command->get_name();
            }
        }
        return best;
    }
    return {};
}

void print_error(const Terminal& terminal, const std::string& message, const std::string& hint)
{
    std::cerr << terminal.red("Error:") << " " << message << "\n";
    if (!hint.empty())
        std::cerr << hint << "\n";
}

std::string usage_hint(const CLI::App& app, int argc, char** argv)
{
    std::string hint = "Run 'nimbus --help' to see the commands.";
    for (const auto* command : app.get_subcommands())
        hint = "Run 'nimbus " + command->get_name() + " --help' to see its options.";
    const auto meant = suggestion(app, argc, argv);
    return meant.empty() ? hint : "Did you mean 'nimbus " + meant + "'? " + hint;
}

int run_chosen(const Run& chosen, const Terminal& terminal)
{
    try {
        const int code = chosen(terminal);
        std::cout.flush();
        if (!std::cout)
            throw Error("Standard output could not be written");
        return code;
    } catch (const UsageError& error) {
        print_error(terminal, error.what(), error.hint());
        return wrong_usage;
    } catch (const Error& error) {
        print_error(terminal, error.what(), error.hint());
        return failed;
    } catch (const std::exception& error) {
        print_error(terminal, std::string("Nimbus itself failed: ") + error.what(),
                    "This is a mistake in Nimbus; please report it with what you did.");
        return failed;
    }
}

} // namespace

Command Command::add(const std::string& name, const std::string& description) const
{
    auto& command = *app_.add_subcommand(name, description);
    command.fallthrough();
    return {command, chosen_};
}

Command Command::add_hidden(const std::string& name) const
{
    auto& command = *app_.add_subcommand(name);
    command.group("");
    return {command, chosen_};
}

void Command::require_subcommand() const
{
    app_.require_subcommand(1);
}

void Command::on_chosen(Run run) const
{
    app_.callback([&chosen = chosen_, run = std::move(run)] { chosen = run; });
}

void Command::flag(const std::string& names, bool& value, const std::string& help) const
{
    app_.add_flag(names, value, help);
}

void Command::option(const std::string& names, std::string& value, const std::string& placeholder,
                     const std::string& help) const
{
    app_.add_option(names, value, help)->option_text(placeholder);
}

void Command::option(const std::string& names, std::optional<std::uint16_t>& value,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, value, help)->option_text(placeholder);
}

void Command::option(const std::string& names, std::vector<std::string>& values,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, values, help)
        ->option_text(placeholder)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Command::positional(const std::string& name, std::string& value, const std::string& help) const
{
    app_.add_option(name, value, help)->option_text(" ");
}

void Command::required(const std::string& name) const
{
    app_.get_option(name)->required();
}

void Command::needs(const std::string& name, const std::string& other) const
{
    app_.get_option(name)->needs(app_.get_option(other));
}

void Command::excludes(const std::string& name, const std::string& other) const
{
    app_.get_option(name)->excludes(app_.get_option(other));
}

int run_command_line(int argc, char** argv, const std::function<void(const Command&)>& declare)
{
    CLI::App app("Deploys a program with its HTTP API and SQL database to AWS, or to a cloud on "
                 "this machine.",
                 "nimbus");
    bool no_color = false;
    Run chosen;
    app.set_version_flag("--version", "nimbus " NIMBUS_VERSION, "Print the version");
    app.add_flag("--no-color", no_color, "No colours, whatever the terminal can do");
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    declare(Command(app, chosen));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success, std::cout, std::cout);
    } catch (const CLI::ParseError& error) {
        print_error(Terminal::detect(no_color), error.what(), usage_hint(app, argc, argv));
        return wrong_usage;
    }
    return run_chosen(chosen, Terminal::detect(no_color));
}

} // namespace nimbus::cli

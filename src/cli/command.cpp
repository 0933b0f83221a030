#include "cli/command.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/confirmation.h"
#include "cli/log_text.h"
#include "cli/text_layout.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace nimbus::cli {
namespace {

constexpr std::size_t name_column = 26;

/// Help texts are as wide as the terminal that they go to, within what can be read.
std::size_t help_width()
{
    return std::clamp<std::size_t>(terminal_columns(STDOUT_FILENO), 50, 80);
}

/// One blank line between sections, and none at the end; no blanks at the ends of lines.
std::string with_even_spacing(std::string_view text)
{
    std::string result;
    bool is_after_blank = true; // a text begins with a line that is not blank
    for (const auto line : split(text, '\n')) {
        const auto end = line.find_last_not_of(' ');
        const auto shown = end == std::string_view::npos ? "" : line.substr(0, end + 1);
        if (!shown.empty() || !is_after_blank)
            result += std::string(shown) + '\n';
        is_after_blank = shown.empty();
    }
    if (result.ends_with("\n\n"))
        result.pop_back();
    return result;
}

/// CLI11's, with descriptions that wrap below each other.
class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter()
    {
        column_width(name_column);
        label("SUBCOMMAND", "COMMAND");
    }

    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override
    {
        return with_even_spacing(CLI::Formatter::make_help(app, std::move(name), mode));
    }

    std::string make_option_opts(const CLI::Option* option) const override
    {
        const auto& placeholder = option->get_option_text();
        return placeholder.empty() ? placeholder : " " + placeholder;
    }

    std::string make_description(const CLI::App* app) const override
    {
        return wrapped(app->get_description(), help_width()) + "\n\n";
    }

    /// Of a positional, in the line that begins with "Usage".
    std::string make_option_usage(const CLI::Option* option) const override
    {
        return option->get_group().empty() ? "" : CLI::Formatter::make_option_usage(option);
    }

    std::string make_option_desc(const CLI::Option* option) const override
    {
        return wrapped(option->get_description(), help_width() - name_column);
    }

    std::string make_subcommand(const CLI::App* command) const override
    {
        std::ostringstream text;
        CLI::detail::format_help(text, command->get_name(),
                                 wrapped(command->get_description(), help_width() - name_column),
                                 name_column);
        return text.str();
    }
};

/// The visible command whose name is nearest to `word`; "" when none is near.
std::string nearest(const CLI::App& app, std::string_view word)
{
    std::string best;
    std::size_t best_distance = 3;
    for (const auto* command : app.get_subcommands({})) {
        const auto distance = edit_distance(word, command->get_name());
        if (!command->get_group().empty() && distance < best_distance) {
            best_distance = distance;
            best = command->get_name();
        }
    }
    return best;
}

/// "nimbus local start"
std::string command_line_of(const CLI::App& app)
{
    const auto* parent = app.get_parent();
    return (parent == nullptr ? "" : command_line_of(*parent) + " ") + app.get_name();
}

/// Walks along the words that are commands and throws UsageError for the first that should be one
/// and is not. CLI11 says of these only that one is required.
void check_commands(const CLI::App& root, const std::vector<std::string>& arguments)
{
    const auto* at = &root;
    for (const auto& word : arguments) {
        const auto commands = at->get_subcommands({});
        if (commands.empty())
            break;
        if (word.starts_with('-'))
            continue;
        const auto next = std::ranges::find(commands, word, &CLI::App::get_name);
        if (next == commands.end()) {
            const auto before = command_line_of(*at);
            const auto meant = nearest(*at, word);
            const auto guess =
                meant.empty() ? std::string() : "Did you mean '" + before + " " + meant + "'? ";
            throw UsageError("There is no command '" + before + " " + word + "'",
                             guess + "Run '" + before + " --help' to see the commands.");
        }
        at = *next;
    }
}

/// `help deploy` means `deploy --help`.
std::vector<std::string> with_help_as_option(std::vector<std::string> arguments)
{
    const auto command = std::ranges::find_if(
        arguments, [](const std::string& argument) { return !argument.starts_with('-'); });
    if (command != arguments.end() && *command == "help") {
        arguments.erase(command);
        arguments.emplace_back("--help");
    }
    return arguments;
}

/// Refuses an empty value, such as "$STAGE" of a script that did not set it: to what reads the
/// options, it would be the same as none. `names` as in "-y,--yes".
void need_value(CLI::Option& option, const std::string& names)
{
    option.check([name = names.substr(names.rfind(',') + 1)](const std::string& value) {
        if (value.empty()) // CLI11 would put the option's name before a ValidationError
            throw CLI::ArgumentMismatch(name + " has an empty value: give it one, or leave it out");
        return std::string();
    });
}

/// `--stage=` as the words `--stage` and "", for CLI11 takes the next word for the value that is
/// missing.
std::vector<std::string> with_empty_values_apart(const std::vector<std::string>& arguments)
{
    std::vector<std::string> words;
    for (const auto& argument : arguments) {
        const bool is_open =
            argument.starts_with("--") && argument.find('=') + 1 == argument.size();
        words.push_back(is_open ? argument.substr(0, argument.size() - 1) : argument);
        if (is_open)
            words.emplace_back();
    }
    return words;
}

const std::string version_line = "nimbus " NIMBUS_VERSION;

/// What other tools have as words, too.
void add_help_and_version(const Command& root)
{
    root.add("help", "Print this help, or the help of a command");
    root.add("version", "Print the version").on_chosen([](const Terminal&) -> int {
        std::cout << version_line << "\n";
        return done;
    });
}

void print_error(const Terminal& terminal, const std::string& message, const std::string& hint)
{
    // Parts of it may be somebody else's: an answer of a server, the holder of a lock.
    std::cerr << terminal.red("Error:") << " " << readable(message) << "\n";
    if (!hint.empty())
        std::cerr << readable(hint) << "\n";
}

int run_chosen(const Run& chosen, const Terminal& terminal)
{
    try {
        const int code = chosen(terminal);
        std::cout.flush();
        if (!std::cout)
            throw Error("Standard output could not be written");
        return code;
    } catch (const Declined& refusal) { // what the person wanted: no error
        std::cerr << refusal.what() << ".\n";
        return failed;
    } catch (const UsageError& error) {
        print_error(terminal, error.what(), error.hint());
        return wrong_usage;
    } catch (const Error& error) {
        print_error(terminal, error.what(), error.hint());
        return failed;
    } catch (const std::exception& error) {
        print_error(terminal, std::string("Nimbus itself failed: ") + error.what(),
                    "This is a bug in Nimbus. Please report it, with what you did.");
        return failed;
    }
}

} // namespace

Command Command::add(const std::string& name, const std::string& description) const
{
    auto& command = *app_.add_subcommand(name, description);
    command.group("Commands");
    command.footer(""); // not its parent's
    command.fallthrough();
    return {command, chosen_};
}

Command Command::add_hidden(const std::string& name) const
{
    auto& command = *app_.add_subcommand(name);
    command.group("");
    return {command, chosen_};
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
    need_value(*app_.add_option(names, value, help)->option_text(placeholder), names);
}

void Command::option(const std::string& names, std::optional<std::uint16_t>& value,
                     const std::string& placeholder, const std::string& help) const
{
    auto& option = *app_.add_option(names, value, help)->option_text(placeholder);
    need_value(option, names);
    option.check(CLI::Range(1, 65535));
}

void Command::option(const std::string& names, std::vector<std::string>& values,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, values, help)
        ->option_text(placeholder)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Command::option(const std::string& names, std::string& value, const std::string& implied,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, value, help)
        ->option_text(placeholder)
        ->expected(0, 1)
        ->default_str(implied);
}

void Command::examples(
    std::initializer_list<std::pair<std::string_view, std::string_view>> lines) const
{
    std::size_t line_width = 0, purpose_width = 0;
    for (const auto& [line, purpose] : lines) {
        line_width = std::max(line_width, columns(line));
        purpose_width = std::max(purpose_width, columns(purpose));
    }
    const bool side_by_side = 2 + line_width + 2 + purpose_width <= help_width();
    std::string text = "Examples:";
    for (const auto& [line, purpose] : lines) {
        text += "\n  ";
        text += side_by_side ? padded(line, line_width) + "  " : std::string(line) + "\n      ";
        text += purpose;
    }
    app_.footer(text);
}

void Command::positional(const std::string& name, std::string& value, const std::string& help) const
{
    need_value(*app_.add_option(name, value, help)->option_text(" "), name);
}

void Command::hidden_positional(const std::string& name, std::optional<std::string>& value) const
{
    app_.add_option_function<std::string>(name, [&value](const std::string& text) { value = text; })
        ->group("");
}

void Command::positional_or_option(const std::string& name, const std::string& option,
                                   std::string& value, const std::string& help) const
{
    positional(name, value, help);
    need_value(*app_.add_option(option, value)->group(""), option);
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
    CLI::App app("Deploys a program and what it declares to AWS, or to a cloud on "
                 "this machine.",
                 "nimbus");
    app.formatter(std::make_shared<HelpFormatter>());
    bool no_color = false;
    Run chosen;
    app.set_help_flag("-h,--help", "Print this help");
    app.set_version_flag("-V,--version", version_line, "Print the version");
    app.add_flag("--no-color", no_color, "Print without colours");
    const Command root(app, chosen);
    declare(root);
    add_help_and_version(root);

    auto arguments = with_empty_values_apart(with_help_as_option({argv + 1, argv + argc}));
    try {
        check_commands(app, arguments);
        std::ranges::reverse(arguments); // CLI11 takes the first from the back
        app.parse(std::move(arguments));
        if (!chosen) { // a command that needs another one after it
            std::cerr << app.help();
            return wrong_usage;
        }
    } catch (const CLI::Success& success) {
        return app.exit(success, std::cout, std::cout);
    } catch (const CLI::ParseError& error) {
        const auto* command = &app;
        while (!command->get_subcommands().empty())
            command = command->get_subcommands().front();
        print_error(Terminal::detect(no_color), error.what(),
                    "Run '" + command_line_of(*command) + " --help' to see its options.");
        return wrong_usage;
    } catch (const UsageError& error) {
        print_error(Terminal::detect(no_color), error.what(), error.hint());
        return wrong_usage;
    }
    return run_chosen(chosen, Terminal::detect(no_color));
}

} // namespace nimbus::cli

#include "cli/command.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/confirmation.h"
#include "cli/help_text.h"
#include "cli/log_text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

namespace nimbus::cli {
namespace {

constexpr const char* help_flag = "-h,--help";
constexpr const char* following_option = "--words-after-two-dashes";
constexpr const char* help_of_help = "Print this help";

/// "Did you mean 'nimbus deploy'?", or "" where no candidate is near.
std::string guess(std::string_view word, const std::vector<std::string_view>& candidates,
                  const std::string& before = {})
{
    const auto meant = likely_meant(word, candidates);
    return meant ? "Did you mean '" + before + std::string(*meant) + "'?" : "";
}

/// Those that say something.
std::string sentences(std::vector<std::string> list)
{
    std::erase(list, "");
    return join(list, " ");
}

/// "nimbus local start"
std::string command_line_of(const CLI::App& app)
{
    const auto* parent = app.get_parent();
    return (parent == nullptr ? "" : command_line_of(*parent) + " ") + app.get_name();
}

/// The command that was named last.
const CLI::App& innermost(const CLI::App& app)
{
    const auto* command = &app;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().front();
    return *command;
}

const CommandDescription& description_of(const CommandDescription& root, const CLI::App& app)
{
    const auto* found = &root;
    visit_commands(root, [&, path = command_line_of(app)](const CommandDescription& command) {
        if (command.path == path)
            found = &command;
    });
    return *found;
}

std::string help_of(const CommandDescription& root, const CLI::App& app)
{
    return help_text(description_of(root, app), help_width());
}

/// Those that the help text has.
std::vector<std::string_view> names_of_commands(const std::vector<const CLI::App*>& commands)
{
    std::vector<std::string_view> names;
    for (const auto* command : commands)
        if (!command->get_group().empty())
            names.emplace_back(command->get_name());
    return names;
}

/// Walks along the words that are commands and throws UsageError for the first that should be one
/// and is not. CLI11 says of these only that one is required. Gives the last one.
const CLI::App& check_commands(const CLI::App& root, const std::vector<std::string>& arguments)
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
            throw UsageError("There is no command '" + before + " " + word + "'",
                             sentences({guess(word, names_of_commands(commands), before + " "),
                                        "Run '" + before + " --help' to see the commands."}));
        }
        at = *next;
    }
    return *at;
}

/// CLI11 takes words after `--` for positionals: for a command that has what follows apart, each
/// becomes a value of an option that nobody types.
std::vector<std::string> with_following_as_option(const CLI::App& command,
                                                  std::vector<std::string> arguments)
{
    const auto mark = std::ranges::find(arguments, "--");
    if (mark == arguments.end() || command.get_option_no_throw(following_option) == nullptr)
        return arguments;
    for (auto word = arguments.erase(mark); word != arguments.end(); ++word)
        *word = std::string(following_option) + '=' + *word;
    return arguments;
}

/// What CLI11 could not place: an option that there is not, or an argument too many.
UsageError not_expected(const CommandDescription& command, const std::vector<std::string>& words)
{
    const auto way_out = "Run '" + command.path + " --help' to see its options.";
    const auto option =
        std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
    if (option == words.end())
        return UsageError("The following argument was not expected: " + words.front(), way_out);
    const auto name = option->substr(0, option->find('='));
    std::vector<std::string_view> known;
    for (const auto& described : command.options)
        known.insert(known.end(), described.names.begin(), described.names.end());
    return UsageError("There is no option '" + name + "' of '" + command.path + "'",
                      sentences({guess(name, known), way_out}));
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
            throw Error("Standard output could not be written",
                        "Check that the disk is not full, and that what reads it still runs.");
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

void Command::describe(const std::string& names, const std::string& placeholder,
                       const std::string& help, bool is_repeatable) const
{
    ArgumentDescription argument{.placeholder = placeholder, .help = help};
    for (const auto name : split(names, ','))
        argument.names.emplace_back(name);
    argument.is_repeatable = is_repeatable;
    auto& arguments = names.starts_with('-') ? description_.options : description_.positionals;
    arguments.push_back(std::move(argument));
}

ArgumentDescription& Command::described(const std::string& name) const
{
    auto& arguments = name.starts_with('-') ? description_.options : description_.positionals;
    const auto found = std::ranges::find_if(arguments, [&](const ArgumentDescription& argument) {
        return std::ranges::find(argument.names, name) != argument.names.end();
    });
    NIMBUS_ASSERT(found != arguments.end(), "only what is declared and not hidden is described");
    return *found;
}

Command Command::add(const std::string& name, const std::string& description) const
{
    auto& command = *app_.add_subcommand(name, description);
    command.group("Commands");
    command.footer(""); // not its parent's
    command.fallthrough();
    auto& described = description_.commands.emplace_back(
        CommandDescription{.path = description_.path + " " + name, .help = description});
    const Command added{command, described, chosen_};
    added.describe(help_flag, {}, help_of_help);
    return added;
}

Command Command::add_hidden(const std::string& name) const
{
    auto& command = *app_.add_subcommand(name);
    command.group("");
    auto& hidden = description_.hidden.emplace_back(
        CommandDescription{.path = description_.path + " " + name});
    return {command, hidden, chosen_};
}

void Command::on_chosen(Run run) const
{
    app_.callback([&chosen = chosen_, run = std::move(run)] { chosen = run; });
}

void Command::flag(const std::string& names, bool& value, const std::string& help) const
{
    app_.add_flag(names, value);
    describe(names, {}, help);
}

void Command::option(const std::string& names, std::string& value, const std::string& placeholder,
                     const std::string& help) const
{
    need_value(*app_.add_option(names, value), names);
    describe(names, placeholder, help);
}

void Command::option(const std::string& names, std::optional<std::uint16_t>& value,
                     const std::string& placeholder, const std::string& help) const
{
    auto& option = *app_.add_option(names, value);
    need_value(option, names);
    option.check(CLI::Range(1, 65535));
    describe(names, placeholder, help);
}

void Command::option(const std::string& names, std::vector<std::string>& values,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, values)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    describe(names, placeholder, help, true);
}

void Command::option(const std::string& names, std::string& value, const std::string& implied,
                     const std::string& placeholder, const std::string& help) const
{
    app_.add_option(names, value)->expected(0, 1)->default_str(implied);
    describe(names, placeholder, help);
}

void Command::examples(
    std::initializer_list<std::pair<std::string_view, std::string_view>> lines) const
{
    for (const auto& [command, purpose] : lines)
        description_.examples.push_back(
            {.command = std::string(command), .purpose = std::string(purpose)});
}

void Command::positional(const std::string& name, std::string& value, const std::string& help) const
{
    need_value(*app_.add_option(name, value), name);
    describe(name, {}, help);
}

void Command::hidden_positional(const std::string& name, std::optional<std::string>& value) const
{
    app_.add_option_function<std::string>(name, [&value](const std::string& text) { value = text; })
        ->group("");
}

void Command::following(const std::string& name, std::vector<std::string>& words,
                        const std::string& help) const
{
    app_.add_option(following_option, words)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group("");
    description_.following = {.names = {name}, .placeholder = {}, .help = help};
}

void Command::positional_or_option(const std::string& name, const std::string& option,
                                   std::string& value, const std::string& help) const
{
    positional(name, value, help);
    need_value(*app_.add_option(option, value)->group(""), option);
}

void Command::choices(const std::string& name, std::vector<std::string> values) const
{
    described(name).choices = values;
    app_.get_option(name)->check([name, values = std::move(values)](const std::string& value) {
        // Not as the check's result, before which CLI11 would put the option's name.
        if (std::ranges::find(values, value) == values.end())
            throw UsageError(name + " must be one of " + join(values, ", ") + ", not '" + value +
                                 "'",
                             guess(value, {values.begin(), values.end()}));
        return std::string();
    });
}

void Command::takes_file(const std::string& name) const
{
    described(name).is_file = true;
}

void Command::required(const std::string& name) const
{
    described(name).is_required = true;
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
    CLI::App app("", "nimbus");
    CommandDescription description{
        .path = "nimbus",
        .help = "Deploys a program and what it declares to AWS, or to a cloud on this machine."};
    bool no_color = false;
    Run chosen;
    const Command root(app, description, chosen);
    root.describe(help_flag, {}, help_of_help);
    root.describe("-V,--version", {}, "Print the version");
    app.set_help_flag(help_flag);
    app.set_version_flag("-V,--version", version_line);
    root.flag("--no-color", no_color, "Print without colours");
    declare(root);
    add_help_and_version(root);

    auto arguments = with_help_as_option({argv + 1, argv + argc});
    try {
        arguments = with_empty_values_apart(
            with_following_as_option(check_commands(app, arguments), arguments));
        std::ranges::reverse(arguments); // CLI11 takes the first from the back
        app.parse(std::move(arguments));
        if (!chosen) { // a command that needs another one after it
            std::cerr << help_of(description, innermost(app));
            return wrong_usage;
        }
    } catch (const CLI::CallForHelp&) {
        std::cout << help_of(description, innermost(app));
        return done;
    } catch (const CLI::CallForVersion&) {
        std::cout << version_line << "\n";
        return done;
    } catch (const CLI::ExtrasError&) {
        const auto error =
            not_expected(description_of(description, innermost(app)), app.remaining(true));
        print_error(Terminal::detect(no_color), error.what(), error.hint());
        return wrong_usage;
    } catch (const CLI::ParseError& error) {
        print_error(Terminal::detect(no_color), error.what(),
                    "Run '" + command_line_of(innermost(app)) + " --help' to see its options.");
        return wrong_usage;
    } catch (const UsageError& error) {
        print_error(Terminal::detect(no_color), error.what(), error.hint());
        return wrong_usage;
    }
    return run_chosen(chosen, Terminal::detect(no_color));
}

} // namespace nimbus::cli

#include "cli/help_text.h"

#include "base/text.h"
#include "cli/terminal.h"
#include "cli/text_layout.h"

#include <algorithm>
#include <unistd.h>

namespace nimbus::cli {
namespace {

/// A name, and what it is: an option, a command, an example.
struct Entry {
    std::string name, text;
};

constexpr std::size_t name_column = 26;
/// Columns that texts need beside names. Where there are fewer, they stand below them.
constexpr std::size_t least_text = 24;

/// `text` wrapped within `width`, each line after `indent` blanks.
std::string indented(std::string_view text, std::size_t indent, std::size_t width)
{
    const std::string blanks(indent, ' ');
    const auto within = width > indent ? width - indent : 1;
    return blanks + replace_all(wrapped(text, within), "\n", "\n" + blanks) + "\n";
}

std::string beside(const Entry& entry, std::size_t width)
{
    const auto text = indented(entry.text, name_column, width);
    const auto name = "  " + entry.name;
    if (columns(name) >= name_column)
        return name + "\n" + text;
    return padded(name, name_column) + text.substr(name_column);
}

std::string below(const Entry& entry, std::size_t width)
{
    return indented(entry.name, 2, width) + indented(entry.text, 6, width);
}

std::string section(const std::string& title, const std::vector<Entry>& entries, std::size_t width)
{
    if (entries.empty())
        return {};
    auto text = "\n" + title + ":\n";
    for (const auto& entry : entries)
        text += width >= name_column + least_text ? beside(entry, width) : below(entry, width);
    return text;
}

/// A command line that does not fit goes on after a backslash, as shells read it.
std::string continued(std::string_view command, std::size_t width)
{
    if (2 + columns(command) <= width)
        return "  " + std::string(command) + "\n";
    const auto lines = wrapped(command, width > 8 ? width - 8 : 1);
    return "  " + replace_all(lines, "\n", " \\\n      ") + "\n";
}

std::string examples_of(const CommandDescription& command, std::size_t width)
{
    if (command.examples.empty())
        return {};
    std::size_t longest_command = 0, longest_purpose = 0;
    for (const auto& example : command.examples) {
        longest_command = std::max(longest_command, columns(example.command));
        longest_purpose = std::max(longest_purpose, columns(example.purpose));
    }
    std::string text = "\nExamples:\n";
    for (const auto& [line, purpose] : command.examples) {
        if (2 + longest_command + 2 + longest_purpose <= width)
            text += "  " + padded(line, longest_command) + "  " + purpose + "\n";
        else
            text += continued(line, width) + indented(purpose, 6, width);
    }
    return text;
}

std::vector<Entry> entries_of(const std::vector<ArgumentDescription>& arguments)
{
    std::vector<Entry> entries;
    for (const auto& argument : arguments)
        entries.push_back({.name = spelling_of(argument), .text = argument.help});
    return entries;
}

std::vector<Entry> entries_of(const std::list<CommandDescription>& commands)
{
    std::vector<Entry> entries;
    for (const auto& command : commands)
        entries.push_back({.name = command.name(), .text = command.help});
    return entries;
}

} // namespace

std::size_t help_width()
{
    return std::min<std::size_t>(terminal_columns(STDOUT_FILENO), 100);
}

std::string help_text(const CommandDescription& command, std::size_t width)
{
    auto positionals = entries_of(command.positionals);
    if (!command.following.names.empty())
        positionals.push_back(
            {.name = "-- " + command.following.names.front(), .text = command.following.help});
    return indented(command.help, 0, width) + "\n" +
           indented("Usage: " + usage_of(command), 0, width) +
           section("Positionals", positionals, width) +
           section("Options", entries_of(command.options), width) +
           section("Commands", entries_of(command.commands), width) + examples_of(command, width);
}

} // namespace nimbus::cli

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/question.h"
#include "cli/starter_project.h"
#include "cli/text_layout.h"
#include "manifest/grammar.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

/// nimbus new: a small project to begin with.
namespace nimbus::cli {
namespace {

struct Options {
    std::string name;
    bool cpp = false, typescript = false, json = false;
};

/// A command to type next, and what it is for.
struct Step {
    std::string command, purpose;
};

std::string language_mistake(std::string_view answer)
{
    const auto word = to_lower(answer);
    const bool known = word == "1" || word == "2" || word == "c++" || word == "typescript";
    return known ? "" : "'" + std::string(answer) + "' is neither 1 nor 2";
}

Language choose_language(const Options& options, const Terminal& terminal)
{
    if (options.cpp || options.typescript)
        return options.cpp ? Language::cpp : Language::typescript;
    if (!terminal.has_person())
        throw UsageError("This is not a terminal, so nobody can be asked for the language",
                         "Run 'nimbus new --cpp " + options.name + "' or 'nimbus new --ts " +
                             options.name + "'.");
    std::cerr << "Which language?\n"
                 "  1) C++\n"
                 "  2) TypeScript\n";
    const auto answer = to_lower(
        need_answer(terminal, "Choose 1 or 2 [1]: ", "1", language_mistake, "Nothing was created"));
    return answer == "1" || answer == "c++" ? Language::cpp : Language::typescript;
}

std::vector<Step> next_steps(Language language, const std::string& name)
{
    std::vector<Step> steps{{"cd " + name, {}}};
    if (language == Language::cpp) {
        steps.push_back({"nimbus dev", "deploys it to the local cloud, and again on each save"});
    } else {
        steps.push_back({"npm install TARBALL", "TARBALL is what 'make npm' made of Nimbus"});
        steps.push_back(
            {"npx nimbus dev", "deploys it to the local cloud, and again on each save"});
    }
    return steps;
}

json::object to_json(const Options& options, Language language,
                     const std::filesystem::path& directory, const std::vector<StarterFile>& files)
{
    json::array names, next;
    for (const auto& file : files)
        names.emplace_back(file.name);
    for (const auto& step : next_steps(language, options.name))
        next.emplace_back(step.command);
    return {{"project", options.name},
            {"language", language == Language::cpp ? "cpp" : "typescript"},
            {"directory", directory.string()},
            {"files", std::move(names)},
            {"next", std::move(next)}};
}

void describe(const Options& options, Language language, const std::vector<StarterFile>& files)
{
    std::cout << "Created " << options.name << ", a project in "
              << (language == Language::cpp ? "C++" : "TypeScript") << ":\n";
    for (const auto& file : files)
        std::cout << "  " << options.name << "/" << file.name << "\n";
    const auto steps = next_steps(language, options.name);
    std::size_t width = 0;
    for (const auto& step : steps)
        width = std::max(width, columns(step.command));
    std::cout << "\nNext:\n";
    for (const auto& [command, purpose] : steps)
        std::cout << "  " << (purpose.empty() ? command : padded(command, width) + "  # " + purpose)
                  << "\n";
    std::cout << "\nREADME.md says how to call, test and deploy it.\n";
}

int run(const Options& options, const Terminal& terminal)
{
    if (!manifest::name_rule.holds(options.name))
        throw UsageError("NAME must be " + std::string(manifest::name_rule.allowed) + ", not '" +
                             options.name + "'",
                         "The project and its directory have this name.");
    const auto language = choose_language(options, terminal);
    const auto files = starter_files(language, options.name);
    write_starter(options.name, files);
    if (options.json)
        print_json(to_json(options, language, std::filesystem::absolute(options.name), files));
    else
        describe(options, language, files);
    return done;
}

} // namespace

void add_new(const Command& root)
{
    add_command<Options>(
        root, "new", "Make a small project to begin with, in a new directory",
        [](const Command& command, Options& options) {
            command.positional("NAME", options.name, "The project and its directory");
            command.required("NAME");
            command.flag("--cpp", options.cpp, "In C++");
            command.flag("--ts", options.typescript, "In TypeScript");
            command.excludes("--cpp", "--ts");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus new shop", "asks for the language"},
                              {"nimbus new --ts shop", "in TypeScript"}});
        },
        run);
}

} // namespace nimbus::cli

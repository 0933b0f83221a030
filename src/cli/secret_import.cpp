#include "cli/secret_import.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/dotenv.h"
#include "cli/secret_store.h"
#include "manifest/grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace nimbus::cli {
namespace {

constexpr std::size_t most_listed = 20;

/// What is wrong with an entry; "" when nothing is. `lines`: where names were set before.
std::string mistake_in(const DotenvEntry& entry, const std::string& name,
                       std::map<std::string, std::size_t>& lines)
{
    if (!manifest::name_rule.holds(name))
        return fmt::format("{} would set the secret '{}', which is not a valid name: it must be {}",
                           entry.name, name, manifest::name_rule.allowed);
    if (const auto [first, is_new] = lines.emplace(name, entry.line); !is_new)
        return fmt::format("{} sets the secret '{}', which line {} already sets: remove one of "
                           "the two",
                           entry.name, name, first->second);
    if (entry.value.empty())
        return entry.name + " has no value: write one after the '=', or remove the line";
    if (entry.value.size() > longest_secret)
        return fmt::format("{} has a value of {} bytes; Secrets Manager takes at most {}",
                           entry.name, entry.value.size(), longest_secret);
    return {};
}

[[noreturn]] void throw_mistakes(std::vector<DotenvMistake> mistakes, const std::string& source)
{
    std::ranges::stable_sort(mistakes, {}, &DotenvMistake::line);
    const auto line_of = [&](const DotenvMistake& mistake) {
        return fmt::format("{}:{}: {}", source, mistake.line, mistake.text);
    };
    constexpr const char* hint = "Nothing was set. Correct the file and import it again.";
    if (mistakes.size() == 1)
        throw Error(line_of(mistakes.front()), hint);
    auto text = fmt::format("{} has {} mistakes:", source, mistakes.size());
    for (std::size_t i = 0; i < std::min(mistakes.size(), most_listed); ++i)
        text += "\n  " + line_of(mistakes[i]);
    if (mistakes.size() > most_listed)
        text += fmt::format("\n  and {} more", mistakes.size() - most_listed);
    throw Error(text, hint);
}

} // namespace

std::string secret_name_of(const std::string& variable)
{
    return replace_all(to_lower(variable), "_", "-");
}

std::vector<ImportedSecret> read_dotenv_secrets(std::string_view text, const std::string& source)
{
    auto file = parse_dotenv(text);
    std::vector<ImportedSecret> secrets;
    std::map<std::string, std::size_t> lines;
    for (auto& entry : file.entries) {
        auto name = secret_name_of(entry.name);
        if (auto mistake = mistake_in(entry, name, lines); !mistake.empty())
            file.mistakes.push_back({.line = entry.line, .text = std::move(mistake)});
        else
            secrets.push_back({.name = std::move(name), .value = std::move(entry.value)});
    }
    if (!file.mistakes.empty())
        throw_mistakes(std::move(file.mistakes), source);
    if (secrets.empty())
        throw Error("There is nothing to import in " + source,
                    "Write a line NAME=value there for each secret.");
    return secrets;
}

} // namespace nimbus::cli

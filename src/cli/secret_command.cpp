#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/confirmation.h"
#include "cli/declared_secrets.h"
#include "cli/deployment.h"
#include "cli/hidden_input.h"
#include "cli/outputs.h"
#include "cli/secret_import.h"
#include "cli/secret_store.h"
#include "cli/standard_input.h"
#include "cli/text_layout.h"
#include "manifest/grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    std::string name;
    std::optional<std::string> refused_value; ///< given on the command line
    std::string file;
    bool yes = false, force = false, json = false;
};

/// Of "stripe-key=sk_…" only what stands before the value is shown.
void check_name(const std::string& name)
{
    if (manifest::name_rule.holds(name))
        return;
    const auto shown = name.substr(0, name.find('='));
    throw UsageError("'" + shown + "' is not a secret's name",
                     "It is " + std::string(manifest::name_rule.allowed) + ".");
}

void check_value(const std::string& name, const std::string& value)
{
    const auto secret = "The secret '" + name + "'";
    if (value.empty())
        throw Error(secret + " was given no value: it is empty",
                    "A secret has at least one byte. 'nimbus secret remove " + name +
                        "' deletes one.");
    if (value.size() > longest_secret)
        throw Error(fmt::format("{} has a value of {} bytes", secret, value.size()),
                    fmt::format("Secrets Manager takes at most {} bytes.", longest_secret));
}

/// Opens the deployment with no progress left on the screen.
DeploymentOfProgram opened_with_program(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    return open_with_program(options.deployment, progress);
}

OpenDeployment opened(const Options& options, const Terminal& terminal)
{
    return opened_with_program(options, terminal).deployment;
}

SecretStore store_of(const OpenDeployment& deployment)
{
    return {deployment.target->client, deployment.id};
}

// --- set ----------------------------------------------------------------------------------------

/// A text from a pipe or a file ends in a newline that nobody means.
std::string piped_value()
{
    auto value = read_file_or_input("-");
    if (!is_utf8(value) || !value.ends_with('\n'))
        return value;
    value.pop_back();
    if (value.ends_with('\r'))
        value.pop_back();
    return value;
}

std::string asked_value(const std::string& name)
{
    const auto value = ask_hidden("Value of " + name + " (not shown): ");
    if (!value || value->empty())
        throw Error("Nothing was set");
    return *value;
}

/// How old a value may be that a function uses: 5 minutes, unless the program says another, and one
/// more while it reads the new one (getting-started-typescript.md).
constexpr const char* until_used =
    "Functions that keep the old value use the new one within 6 minutes.\n";

/// Functions may have read another value.
bool replaces_value(const std::optional<aws::secretsmanager::Secret>& found,
                    SecretStore::Change change)
{
    return change == SecretStore::Change::changed && found && found->has_value();
}

std::string sentence_of(const std::string& name, SecretStore::Change change)
{
    switch (change) {
    case SecretStore::Change::created:
        return "The secret '" + name + "' is created and set.";
    case SecretStore::Change::changed:
        return "The secret '" + name + "' is set.";
    case SecretStore::Change::unchanged:
        return "The secret '" + name + "' already has that value.";
    }
    return {};
}

int set(const Options& options, const Terminal& terminal)
{
    if (options.refused_value)
        throw UsageError("A secret's value cannot be on the command line: the shell's history and "
                         "the list of processes would show it",
                         "Run 'nimbus secret set " + options.name +
                             "' and type it, or pass it on standard input: < FILE");
    check_name(options.name);
    const auto program = opened_with_program(options, terminal);
    const auto store = store_of(program.deployment);
    const auto found = store.find(options.name);
    const auto value =
        terminal.is_standard_input_terminal() ? asked_value(options.name) : piped_value();
    check_value(options.name, value);
    const auto change = store.set(options.name, found, value);
    if (found && found->waits_for_deletion())
        std::cout << "The secret '" << options.name
                  << "' was scheduled for deletion; it is restored.\n";
    std::cout << sentence_of(options.name, change) << "\n";
    if (replaces_value(found, change))
        std::cout << until_used;
    std::cout << std::flush;
    Progress progress(terminal);
    note_undeclared({options.name}, program, options.deployment, progress);
    return done;
}

// --- get, list, remove --------------------------------------------------------------------------

int get(const Options& options, const Terminal& terminal)
{
    check_name(options.name);
    const auto deployment = opened(options, terminal);
    const auto store = store_of(deployment);
    const auto secret = store.need_readable(options.name);
    const bool is_shown = terminal.is_standard_output_terminal();
    if (is_shown && !options.yes)
        confirm({.deed = "the value is shown",
                 .question = "Show the value of '" + options.name + "' on this terminal?",
                 .refusal = "Nothing was shown"},
                terminal);
    std::cout << store.value_of(secret) << std::flush;
    if (is_shown)
        std::cerr << "\n";
    return done;
}

json::object document_of(const std::vector<NamedSecret>& secrets, const OpenDeployment& deployment)
{
    json::array list;
    for (const auto& [name, secret] : secrets)
        list.push_back(json::object{
            {"name", name},
            {"arn", secret.arn},
            {"hasValue", secret.has_value()},
            {"changed", secret.last_changed_date
                            ? json::value(format_iso8601_seconds(*secret.last_changed_date))
                            : json::value(nullptr)},
            {"waitsForDeletion", secret.waits_for_deletion()}});
    return {{"project", deployment.id.project},
            {"stage", deployment.id.stage},
            {"region", deployment.id.region},
            {"target", deployment.target->name},
            {"secrets", std::move(list)}};
}

std::string state_of(const aws::secretsmanager::Secret& secret)
{
    std::string state = secret.has_value() ? "has a value" : "has no value";
    if (secret.last_changed_date)
        state += ", changed " + format_iso8601_seconds(*secret.last_changed_date);
    if (secret.waits_for_deletion())
        state += ", is scheduled for deletion";
    return state;
}

int list(const Options& options, const Terminal& terminal)
{
    const auto deployment = opened(options, terminal);
    const auto secrets = store_of(deployment).list();
    if (options.json) {
        print_json(document_of(secrets, deployment));
        return done;
    }
    if (secrets.empty())
        std::cout << text_of(deployment.id) << " has no secrets.\n";
    std::size_t width = 0;
    for (const auto& [name, secret] : secrets)
        width = std::max(width, columns(name));
    for (const auto& [name, secret] : secrets)
        std::cout << padded(name, width) << "  " << state_of(secret) << "\n";
    return done;
}

void confirm_removal(const Options& options, const Terminal& terminal,
                     const deploy::DeploymentId& id)
{
    if (options.yes)
        return;
    confirm({.deed = "the secret '" + options.name + "' is deleted",
             .question = fmt::format("Delete the secret '{}' of {}{}?", options.name, text_of(id),
                                     options.force ? " at once and for good"
                                                   : "; it can be restored for 30 days"),
             .refusal = "Nothing was deleted"},
            terminal);
}

int remove(const Options& options, const Terminal& terminal)
{
    check_name(options.name);
    const auto deployment = opened(options, terminal);
    const auto store = store_of(deployment);
    const auto secret = store.need(options.name);
    if (secret.waits_for_deletion() && !options.force) {
        std::cout << "The secret '" << options.name << "' is already scheduled for deletion.\n";
        return done;
    }
    confirm_removal(options, terminal, deployment.id);
    const auto date = store.remove(secret, options.force);
    if (options.force || !date)
        std::cout << "The secret '" << options.name << "' is deleted.\n";
    else
        std::cout << fmt::format(
            "The secret '{0}' will be deleted on {1}. Until then, 'nimbus secret "
            "set {0}' restores it.\n",
            options.name, format_iso8601_seconds(*date));
    return done;
}

// --- import -------------------------------------------------------------------------------------

std::string_view word_for(SecretStore::Change change)
{
    switch (change) {
    case SecretStore::Change::created:
        return "new";
    case SecretStore::Change::changed:
        return "changed";
    case SecretStore::Change::unchanged:
        return "unchanged";
    }
    return {};
}

int import(const Options& options, const Terminal& terminal)
{
    const auto secrets = read_dotenv_secrets(read_file_or_input(options.file),
                                             options.file == "-" ? "standard input" : options.file);
    const auto program = opened_with_program(options, terminal);
    const auto store = store_of(program.deployment);
    std::vector<std::optional<aws::secretsmanager::Secret>> found;
    std::vector<std::string> names;
    std::size_t width = 0;
    for (const auto& secret : secrets) {
        found.push_back(store.find(secret.name));
        names.push_back(secret.name);
        width = std::max(width, columns(secret.name));
    }
    bool are_values_replaced = false;
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        const auto& [name, value] = secrets[i];
        const auto change = store.set(name, found[i], value);
        are_values_replaced |= replaces_value(found[i], change);
        std::cout << padded(name, width) << "  " << word_for(change)
                  << (found[i] && found[i]->waits_for_deletion() ? ", restored" : "") << "\n"
                  << std::flush;
    }
    if (are_values_replaced)
        std::cout << until_used << std::flush;
    Progress progress(terminal);
    note_undeclared(names, program, options.deployment, progress);
    return done;
}

void declare_name(const Command& command, Options& options)
{
    command.positional("NAME", options.name, "The secret, as the program names it");
    command.required("NAME");
    declare_deployment(command, options.deployment);
}

} // namespace

void add_secret(const Command& root)
{
    const auto secret = root.add("secret", "Set, show and remove secrets");
    secret.examples({{"nimbus secret set stripe-key", "asks for the value"},
                     {"nimbus secret list", "names, without values"}});
    add_command<Options>(
        secret, "set", "Set a value: type it (not shown) or pass it on standard input",
        [](const Command& command, Options& options) {
            declare_name(command, options);
            command.hidden_positional("VALUE", options.refused_value);
            command.examples(
                {{"nimbus secret set stripe-key", "asks for the value"},
                 {"nimbus secret set tls-key < key.pem", "sets it to the content of a file"}});
        },
        set);
    add_command<Options>(
        secret, "get", "Print a value; on a terminal, ask first",
        [](const Command& command, Options& options) {
            declare_name(command, options);
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.examples({{"nimbus secret get stripe-key", "asks on a terminal"},
                              {"nimbus secret get tls-key > key.pem", "into a file"}});
        },
        get);
    add_command<Options>(
        secret, "list", "List the secrets, without their values",
        [](const Command& command, Options& options) {
            declare_deployment(command, options.deployment);
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus secret list", "of this directory's application"}});
        },
        list);
    add_command<Options>(
        secret, "remove", "Delete a secret after a recovery window of 30 days",
        [](const Command& command, Options& options) {
            declare_name(command, options);
            command.flag("--force", options.force, "Delete it at once and for good");
            command.flag("-y,--yes", options.yes, "Ask nothing");
            command.examples({{"nimbus secret remove stripe-key", "can be restored for 30 days"},
                              {"nimbus secret remove stripe-key --force", "for good"}});
        },
        remove);
    add_command<Options>(
        secret, "import", "Set the values of a .env file",
        [](const Command& command, Options& options) {
            command.positional(
                "FILE", options.file,
                "A file of lines KEY=value, which set the secret 'key'; - is standard input");
            command.required("FILE");
            command.takes_file("FILE");
            declare_deployment(command, options.deployment);
            command.examples({{"nimbus secret import .env", "sets all that it names"}});
        },
        import);
}

} // namespace nimbus::cli

#include "deploy/kinds/sql/migrations.h"

#include "base/error.h"
#include "deploy/kind.h"
#include "deploy/kinds/sql/migration_run.h"
#include "deploy/kinds/sql/schema_reads.h"
#include "deploy/kinds/sql/seed.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace nimbus::deploy::sql {
namespace {

constexpr std::size_t shown_bytes = 300;

std::string shown(const std::string& text)
{
    return text.size() > shown_bytes ? text.substr(0, shown_bytes) + " …" : text;
}

constexpr const char* way_out_of_change =
    "What was applied cannot be changed. Put the file back as it was, and write what is to be "
    "different into a new migration.";

[[noreturn]] void throw_missing(const std::string& file, const StepsOfFile& applied)
{
    const auto& first = *applied.begin()->second;
    throw Error(fmt::format("The migration {} was applied on {}, and its file is gone. It began "
                            "with:\n  {}",
                            file, first.changed_at, shown(first.text)),
                "Put the file back: what was applied stays part of the schema's history.");
}

bool is_done(const StepsOfFile* applied, int number)
{
    if (applied == nullptr)
        return false;
    const auto found = applied->find(number);
    return found != applied->end() && found->second->is_done;
}

/// Of the first step that was not applied with the others; `later` is a file that is applied.
[[noreturn]] void throw_added(const std::string& file, const StepsOfFile& applied,
                              const StepsOfFile& wanted, const std::string& later)
{
    const auto added = std::ranges::find_if(
        wanted, [&](const auto& entry) { return !is_done(&applied, entry.first); });
    const auto& step = *added->second;
    throw Error(fmt::format("The migration {} has a statement in line {} that was not applied with "
                            "it, and {} behind it is applied already. In the file:\n  {}",
                            file, step.line, later, shown(step.text)),
                way_out_of_change);
}

/// Of a step that may have been applied: the database's answer was not met.
[[noreturn]] void throw_begun(const MigrationStep& step, const MigrationStep* now)
{
    const auto what = step.is_refused ? "whose first batches are applied"
                                      : "that may have been applied, in part or as a whole";
    throw Error(
        fmt::format("A statement of the migration {} was begun on {}, {}, and {}. Begun:\n"
                    "  {}{}",
                    step.file, step.changed_at, what,
                    now == nullptr ? std::string("is not in the file any more")
                                   : fmt::format("was changed since, in line {}", now->line),
                    step.text,
                    now == nullptr ? std::string() : "\nIn the file:\n  " + shown(now->text)),
        "Put its old text back and deploy: that finishes it, or says why the database "
        "refuses it, and then it can be corrected. Write what is to be different into a "
        "new migration.");
}

/// Of the first step that differs.
[[noreturn]] void throw_changed(const std::string& file,
                                const std::map<std::string, StepsOfFile>& ledger,
                                const StepsOfFile& wanted)
{
    const auto& applied = ledger.at(file);
    const auto changed = std::ranges::find_if(
        applied, [&](const auto& entry) { return !is_unchanged(*entry.second, wanted); });
    if (changed == applied.end())
        throw_added(file, applied, wanted, ledger.rbegin()->first);
    const auto& step = *changed->second;
    const auto now = wanted.find(step.number);
    if (!step.is_done)
        throw_begun(step, now == wanted.end() ? nullptr : now->second);
    if (now == wanted.end())
        throw Error(fmt::format("The migration {} has fewer statements than were applied on {}. "
                                "Applied, and not in the file any more:\n  {}",
                                file, step.changed_at, shown(step.text)),
                    way_out_of_change);
    throw Error(fmt::format("The migration {} was changed after it was applied on {}, in line {}. "
                            "Applied:\n  {}\nIn the file:\n  {}",
                            file, step.changed_at, now->second->line, shown(step.text),
                            shown(now->second->text)),
                way_out_of_change);
}

std::vector<MigrationStep> checked(std::vector<MigrationStep> steps, const Target& target)
{
    if (target.refusal_of_statement)
        for (auto& step : steps)
            if (!step.is_unchecked)
                step.refusal = target.refusal_of_statement(step.text);
    return steps;
}

void check_refusals(const MigrationsInputs& inputs)
{
    std::ranges::for_each(inputs.steps, check_refusal);
    std::ranges::for_each(inputs.seed, check_refusal);
}

/// "0002_orders.sql: 3 statements to apply"
std::string pending(const MigrationStanding& standing)
{
    const auto left = standing.statements - standing.done;
    const auto* statements = left == 1 ? "statement" : "statements";
    return standing.done == 0 ? fmt::format("{}: {} {} to apply", standing.file, left, statements)
                              : fmt::format("{}: {} {} left to apply, of {}", standing.file, left,
                                            statements, standing.statements);
}

MigrationsOutputs outputs_for(const std::string& schema)
{
    return {.ledger = schema + '.' + std::string(ledger_table)};
}

/// What of `steps`, from those that are done on, breaks the functions that are deployed now.
std::vector<std::string> breaking(const StepsOfFile& steps, const StepsOfFile* applied)
{
    std::vector<std::string> sentences;
    for (const auto& [number, step] : steps) {
        const bool is_pending = applied == nullptr || !applied->contains(number);
        if (auto sentence = is_pending ? what_breaks(*step) : ""; !sentence.empty())
            sentences.push_back(std::move(sentence));
    }
    return sentences;
}

} // namespace

MigrationsInputs migrations_of(const Database& database, const Target& target)
{
    return {.steps = checked(steps_of(database.migrations), target),
            .squashes = squashes_of(database.migrations),
            .seed = {}};
}

std::vector<MigrationStep> seed_of(const Database& database, const Target& target)
{
    return checked(seed_of(database.seed), target);
}

bool has_migrations(const Application& application, const Database& database)
{
    // An empty directory, too: its files may be gone after they were applied.
    return database.migrations_directory ||
           (!database.seed.empty() &&
            takes_seeds(application.target, application.manifest.is_preview));
}

std::vector<std::string> empty_directories(const Application& application)
{
    std::vector<std::string> sentences;
    for (const auto& database : application.manifest.declared.of<Database>())
        if (database.migrations_directory && database.migrations.empty())
            sentences.push_back(fmt::format(
                "The directory '{}' has no migrations, and so {} gets no tables. 'nimbus migrate "
                "new TITLE' makes the first",
                *database.migrations_directory, database.name));
    return sentences;
}

std::vector<Node> migrations_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        if (!has_migrations(application, database))
            continue;
        const auto schema = key_of<Schema>(schema_name(database));
        auto inputs = migrations_of(database, application.target);
        if (takes_seeds(application.target, application.manifest.is_preview))
            inputs.seed = seed_of(database, application.target);
        if (!is_recorded<Migrations>(application)) // all of it is to be applied
            check_refusals(inputs);
        NodeOf<Migrations> node{.name = schema_name(database),
                                .identity = outputs_for(database.schema),
                                .inputs = std::move(inputs),
                                .depends_on = {schema},
                                .parent = schema,
                                .notes = {}};
        for (const auto& migration : database.migrations)
            node.creation_note += (node.creation_note.empty() ? "applies " : ", ") + migration.name;
        if (!database.seed.empty() &&
            takes_seeds(application.target, application.manifest.is_preview))
            node.creation_note +=
                (node.creation_note.empty() ? "runs " : ", runs ") + *database.seed_file;
        nodes.push_back(std::move(node).node());
    }
    return nodes;
}

std::optional<Migrations::Observed> Migrations::read(World& world, Reads& reads,
                                                     const Subject& subject)
{
    if (!subject.parent || subject.parent->endpoint.empty())
        return {};
    const auto& parent = *subject.parent;
    const auto& cluster = reads.of<ClusterReads>().cluster(parent.identifier);
    if (!cluster || !is_alive(*cluster) || !can_be_read(world, *cluster))
        return {};
    const auto* ledger = reads.of<SchemaReads>().ledger(
        parent.endpoint, {.schema = parent.schema, .role = parent.db_role});
    if (ledger == nullptr)
        return {};
    return Observed{.inputs = {.steps = steps_of(*ledger), .squashes = {}, .seed = {}},
                    .outputs = outputs_for(parent.schema)};
}

std::vector<std::string> Migrations::differences(const Inputs& wanted, const Observed& observed)
{
    return differences_from(wanted, observed.inputs.steps);
}

std::vector<std::string> differences_from(const MigrationsInputs& wanted,
                                          const std::vector<MigrationStep>& in_ledger)
{
    using State = MigrationStanding::State;
    const auto ledger = with_squashes(wanted.squashes, wanted.steps, in_ledger);
    const auto applied = by_file(ledger.applied);
    const auto files = by_file(wanted.steps);
    const auto standings = standings_of(wanted.steps, ledger.applied);
    for (const auto& standing : standings) {
        if (standing.state == State::missing)
            throw_missing(standing.file, applied.at(standing.file));
        if (standing.state == State::changed)
            throw_changed(standing.file, applied, files.at(standing.file));
    }
    std::vector<std::string> differences;
    for (const auto& squash : ledger.new_ones)
        differences.push_back(fmt::format("{}: takes the place of {} files that are applied",
                                          squash.file, squash.replaces.size()));
    for (const auto& standing : standings) {
        const auto& file = standing.file;
        if (standing.state == State::applied)
            continue;
        const auto found = applied.find(file);
        const auto* begun = found == applied.end() ? nullptr : &found->second;
        if (begun == nullptr && !applied.empty() && file < applied.rbegin()->first)
            throw Error(fmt::format("The migration {} comes before {}, which is applied already",
                                    file, applied.rbegin()->first),
                        "Give it a number behind that one.");
        for (const auto& [number, step] : files.at(file))
            if (!is_done(begun, number))
                check_refusal(*step);
        differences.push_back(pending(standing));
        std::ranges::move(breaking(files.at(file), begun), std::back_inserter(differences));
    }
    const auto seed = pending_seed(wanted.seed, in_ledger);
    std::ranges::for_each(seed, check_refusal);
    if (!seed.empty())
        differences.push_back(fmt::format("the seed: {} {} to run", seed.size(),
                                          seed.size() == 1 ? "statement" : "statements"));
    return differences;
}

MigrationsOutputs Migrations::create(World& world, const Subject& subject, const Inputs& inputs)
{
    run_migrations(world, subject.parent.value(), inputs);
    return outputs_for(subject.parent->schema);
}

MigrationsOutputs Migrations::update(World& world, const Subject& subject, const Inputs& inputs,
                                     const Observed&)
{
    return create(world, subject, inputs);
}

} // namespace nimbus::deploy::sql

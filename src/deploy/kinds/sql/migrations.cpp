#include "deploy/kinds/sql/migrations.h"

#include "base/error.h"
#include "base/text.h"
#include "deploy/kinds/sql/migration_run.h"
#include "deploy/kinds/sql/schema_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace nimbus::deploy::sql {
namespace {

constexpr std::size_t shown_bytes = 300;

/// Of one file, by their numbers.
using Steps = std::map<int, const MigrationStep*>;

std::map<std::string, Steps> by_file(const std::vector<MigrationStep>& steps)
{
    std::map<std::string, Steps> files;
    for (const auto& step : steps)
        files[step.file][step.number] = &step;
    return files;
}

std::string shown(const std::string& text)
{
    return text.size() > shown_bytes ? text.substr(0, shown_bytes) + " …" : text;
}

constexpr const char* way_out_of_change =
    "What was applied cannot be changed. Put the file back as it was, and write what is to be "
    "different into a new migration.";

/// Throws unless all that was applied of the file is in it as it was.
void check_unchanged(const std::string& file, const Steps& applied, const Steps& wanted)
{
    for (const auto& [number, step] : applied) {
        const auto now = wanted.find(number);
        if (now == wanted.end())
            throw Error(
                fmt::format("The migration {} has fewer statements than were applied on {}. "
                            "Applied, and not in the file any more:\n  {}",
                            file, step->changed_at, shown(step->text)),
                way_out_of_change);
        if (step->is_done && now->second->checksum != step->checksum)
            throw Error(fmt::format("The migration {} was changed after it was applied on {}, in "
                                    "line {}. Applied:\n  {}\nIn the file:\n  {}",
                                    file, step->changed_at, now->second->line, shown(step->text),
                                    shown(now->second->text)),
                        way_out_of_change);
    }
}

bool is_complete(const Steps& applied, const Steps& wanted)
{
    return applied.size() == wanted.size() &&
           std::ranges::all_of(applied, [](const auto& entry) { return entry.second->is_done; });
}

/// "0002_orders.sql: 3 statements to apply"
std::string pending(const std::string& file, std::size_t done, std::size_t all)
{
    const auto left = all - done;
    const auto* statements = left == 1 ? "statement" : "statements";
    return done == 0 ? fmt::format("{}: {} {} to apply", file, left, statements)
                     : fmt::format("{}: {} {} left to apply, of {}", file, left, statements, all);
}

std::size_t done_of(const Steps& steps)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(steps, [](const auto& entry) { return entry.second->is_done; }));
}

MigrationsOutputs outputs_for(const std::string& schema)
{
    return {.ledger = schema + '.' + std::string(ledger_table)};
}

/// What of `steps`, from those that are done on, breaks the functions that are deployed now.
std::vector<std::string> breaking(const Steps& steps, const Steps* applied)
{
    std::vector<std::string> sentences;
    for (const auto& [number, step] : steps) {
        const auto statement = MigrationStatement{.text = step->text};
        if ((applied == nullptr || !applied->contains(number)) &&
            breaks_the_version_before(statement))
            sentences.push_back(
                fmt::format("line {}: {} takes away what the functions that are deployed now may "
                            "use, until they are updated",
                            step->line, title_of(statement)));
    }
    return sentences;
}

} // namespace

std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations)
{
    std::vector<MigrationStep> steps;
    for (const auto& migration : migrations)
        for (int number = 1; const auto& statement : migration.statements)
            steps.push_back({.file = migration.name,
                             .number = number++,
                             .text = statement.text,
                             .checksum = checksum_of(statement),
                             .line = static_cast<int>(statement.line),
                             .changes_rows = statement.changes_rows,
                             .changed_at = {}});
    return steps;
}

std::vector<MigrationStep> steps_of(const Ledger& ledger)
{
    std::vector<MigrationStep> steps;
    for (const auto& [file, entries] : ledger)
        for (const auto& [number, entry] : entries)
            steps.push_back({.file = file,
                             .number = static_cast<int>(number),
                             .text = entry.beginning,
                             .checksum = entry.checksum,
                             .is_done = entry.is_done,
                             .changed_at = entry.changed_at});
    return steps;
}

std::vector<Node> migrations_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        if (database.migrations.empty())
            continue;
        const auto schema = key_of<Schema>(schema_name(database));
        NodeOf<Migrations> node{.name = schema_name(database),
                                .identity = outputs_for(database.schema),
                                .inputs = {.steps = steps_of(database.migrations)},
                                .depends_on = {schema},
                                .parent = schema,
                                .notes = {}};
        for (const auto& migration : database.migrations)
            node.creation_note += (node.creation_note.empty() ? "applies " : ", ") + migration.name;
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
    return Observed{.inputs = {.steps = steps_of(*ledger)}, .outputs = outputs_for(parent.schema)};
}

std::vector<std::string> Migrations::differences(const Inputs& wanted, const Observed& observed)
{
    const auto applied = by_file(observed.inputs.steps);
    const auto files = by_file(wanted.steps);
    for (const auto& [file, steps] : applied) {
        const auto now = files.find(file);
        if (now == files.end())
            throw Error(fmt::format("The migration {} was applied on {}, and its file is gone. It "
                                    "began with:\n  {}",
                                    file, steps.begin()->second->changed_at,
                                    shown(steps.begin()->second->text)),
                        "Put the file back: what was applied stays part of the schema's history.");
        check_unchanged(file, steps, now->second);
    }
    std::vector<std::string> differences;
    for (const auto& [file, steps] : files) {
        const auto found = applied.find(file);
        if (found != applied.end() && is_complete(found->second, steps))
            continue;
        if (found == applied.end() && !applied.empty() && file < applied.rbegin()->first)
            throw Error(fmt::format("The migration {} comes before {}, which is applied already",
                                    file, applied.rbegin()->first),
                        "Give it a number behind that one.");
        const auto* begun = found == applied.end() ? nullptr : &found->second;
        differences.push_back(pending(file, begun == nullptr ? 0 : done_of(*begun), steps.size()));
        std::ranges::move(breaking(steps, begun), std::back_inserter(differences));
    }
    return differences;
}

MigrationsOutputs Migrations::create(World& world, const Subject& subject, const Inputs& inputs)
{
    run_migrations(world, subject.parent.value(), inputs.steps);
    return outputs_for(subject.parent->schema);
}

MigrationsOutputs Migrations::update(World& world, const Subject& subject, const Inputs& inputs,
                                     const Observed&)
{
    return create(world, subject, inputs);
}

} // namespace nimbus::deploy::sql

#include "deploy/kinds/sql/migrations.h"

#include "base/error.h"
#include "deploy/kind.h"
#include "deploy/kinds/sql/migration_run.h"
#include "deploy/kinds/sql/schema_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

[[noreturn]] void throw_missing(const std::string& file, const Steps& applied)
{
    const auto& first = *applied.begin()->second;
    throw Error(fmt::format("The migration {} was applied on {}, and its file is gone. It began "
                            "with:\n  {}",
                            file, first.changed_at, shown(first.text)),
                "Put the file back: what was applied stays part of the schema's history.");
}

/// Is the step still in the file as it was applied? A statement that was begun and refused may have
/// been corrected since.
bool is_unchanged(const MigrationStep& applied, const Steps& wanted)
{
    const auto now = wanted.find(applied.number);
    return now != wanted.end() && (!applied.is_done || now->second->checksum == applied.checksum);
}

/// Of the first step that differs.
[[noreturn]] void throw_changed(const std::string& file, const Steps& applied, const Steps& wanted)
{
    const auto changed = std::ranges::find_if(
        applied, [&](const auto& entry) { return !is_unchanged(*entry.second, wanted); });
    const auto& step = *changed->second;
    const auto now = wanted.find(step.number);
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

/// Of a file, by what was applied of it and what it holds; one of the two may be empty.
MigrationStanding standing_of(const std::string& file, const Steps& applied, const Steps& wanted)
{
    using State = MigrationStanding::State;
    MigrationStanding standing{
        .file = file, .statements = std::max(applied.size(), wanted.size()), .changed_at = {}};
    for (const auto& entry : applied) {
        const auto& step = *entry.second;
        standing.done += step.is_done ? 1 : 0;
        standing.changed_at = std::max(standing.changed_at, step.changed_at);
        if (!is_unchanged(step, wanted))
            standing.state = State::changed;
    }
    if (wanted.empty())
        standing.state = State::missing;
    else if (standing.state == State::pending && standing.done == wanted.size())
        standing.state = State::applied;
    return standing;
}

bool is_done(const Steps* applied, int number)
{
    if (applied == nullptr)
        return false;
    const auto found = applied->find(number);
    return found != applied->end() && found->second->is_done;
}

/// With what the target's databases are known to refuse.
std::vector<MigrationStep> checked(std::vector<MigrationStep> steps, const Target& target)
{
    if (target.refusal_of_statement)
        for (auto& step : steps)
            step.refusal = target.refusal_of_statement(step.text);
    return steps;
}

/// What to write instead.
std::string way_round(std::string_view refusal)
{
    struct Way {
        std::string_view of; ///< part of the refusal
        const char* way;
    };
    static constexpr std::array ways{
        Way{"CREATE INDEX ASYNC", "Write CREATE INDEX ASYNC: the deploy waits until it is built."},
        Way{"ADD COLUMN with constraint", "Add the column alone. Then set its default, fill it by "
                                          "UPDATE, and add a CHECK as NOT VALID."},
        Way{"SET DATA TYPE",
            "Add a column of the new type, fill it by UPDATE, and drop the old one "
            "with a later migration."},
        Way{"SET NOT NULL", "Add CHECK (column IS NOT NULL) NOT VALID, then ALTER TABLE ASYNC … "
                            "VALIDATE CONSTRAINT."},
        Way{"ADD CONSTRAINT", "Add the constraint as NOT VALID, then ALTER TABLE ASYNC … VALIDATE "
                              "CONSTRAINT. A unique one: CREATE UNIQUE INDEX ASYNC first."},
        Way{"VALIDATE CONSTRAINT", "Write ALTER TABLE ASYNC … VALIDATE CONSTRAINT."},
        Way{"explicit cache size", "Write CACHE 1 or CACHE 65536."},
        Way{"serial",
            "Write bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 65536), or uuid DEFAULT "
            "gen_random_uuid()."},
        Way{"Truncate", "Write DELETE, for at most 3,000 rows a statement."},
    };
    for (const auto& [part, way] : ways)
        if (refusal.contains(part))
            return way;
    return "docs/dsql.md says what DSQL has instead.";
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

std::vector<MigrationStanding> standings_of(const std::vector<MigrationStep>& wanted,
                                            const std::vector<MigrationStep>& applied)
{
    auto files = by_file(wanted);
    auto done = by_file(applied);
    std::map<std::string, MigrationStanding> standings;
    for (const auto& [file, steps] : files)
        standings.emplace(file, standing_of(file, done[file], steps));
    for (const auto& [file, steps] : done)
        standings.emplace(file, standing_of(file, steps, {})); // where it is not there yet
    std::vector<MigrationStanding> all;
    for (auto& [file, standing] : standings)
        all.push_back(std::move(standing));
    return all;
}

void check_refusal(const MigrationStep& step)
{
    if (!step.refusal.empty())
        throw Error(fmt::format("The migration {} will be refused in line {}: {}", step.file,
                                step.line, step.refusal),
                    way_round(step.refusal));
}

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
                             .changed_at = {},
                             .refusal = {}});
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
                             .changed_at = entry.changed_at,
                             .refusal = {}});
    return steps;
}

std::vector<Node> migrations_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        if (database.migrations.empty())
            continue;
        const auto schema = key_of<Schema>(schema_name(database));
        auto steps = checked(steps_of(database.migrations), application.target);
        if (!is_recorded<Migrations>(application)) // all of it is to be applied
            std::ranges::for_each(steps, check_refusal);
        NodeOf<Migrations> node{.name = schema_name(database),
                                .identity = outputs_for(database.schema),
                                .inputs = {.steps = std::move(steps)},
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
    using State = MigrationStanding::State;
    const auto applied = by_file(observed.inputs.steps);
    const auto files = by_file(wanted.steps);
    const auto standings = standings_of(wanted.steps, observed.inputs.steps);
    for (const auto& standing : standings) {
        if (standing.state == State::missing)
            throw_missing(standing.file, applied.at(standing.file));
        if (standing.state == State::changed)
            throw_changed(standing.file, applied.at(standing.file), files.at(standing.file));
    }
    std::vector<std::string> differences;
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

#include "deploy/kinds/sql/migration_squash.h"

#include "base/error.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <ranges>

namespace nimbus::deploy::sql {
namespace {

std::vector<MigrationStep> steps_in(const std::vector<MigrationStep>& steps,
                                    const std::string& file)
{
    std::vector<MigrationStep> found;
    std::ranges::copy(steps |
                          std::views::filter([&](const auto& step) { return step.file == file; }),
                      std::back_inserter(found));
    return found;
}

/// Throws unless all that it replaces is applied as it was when the squashed file was made.
void check_replaced(const MigrationSquash& squash, const std::vector<MigrationStep>& applied)
{
    for (const auto& [name, checksum] : squash.replaces) {
        const auto steps = steps_in(applied, name);
        const auto* const hint =
            "Deploy the version before the squash here first: it has the files that are replaced.";
        if (steps.empty())
            throw Error(fmt::format("The migration {} replaces {} and others, of which {} is not "
                                    "applied here",
                                    squash.file, squash.replaces.front().name, name),
                        hint);
        if (!std::ranges::all_of(steps, &MigrationStep::is_done) ||
            checksum_of_file(steps) != checksum)
            throw Error(fmt::format("The migration {} replaces {}, which is not applied here as it "
                                    "was squashed",
                                    squash.file, name),
                        hint);
    }
}

/// Some of what it replaces is in the ledger.
bool is_known(const MigrationSquash& squash, const std::vector<MigrationStep>& applied)
{
    return std::ranges::any_of(applied, [&](const auto& step) {
        return std::ranges::find(squash.replaces, step.file, &ReplacedMigration::name) !=
               squash.replaces.end();
    });
}

} // namespace

std::vector<MigrationSquash> squashes_of(const std::vector<Migration>& migrations)
{
    std::vector<MigrationSquash> squashes;
    for (const auto& migration : migrations)
        if (!migration.replaces.empty())
            squashes.push_back({.file = migration.name, .replaces = migration.replaces});
    return squashes;
}

std::string checksum_of_file(const std::vector<MigrationStep>& steps)
{
    std::string all;
    for (const auto& step : steps)
        all += step.checksum + '\n';
    return crypto::sha256_hex(all);
}

SquashedLedger with_squashes(const std::vector<MigrationSquash>& squashes,
                             const std::vector<MigrationStep>& wanted,
                             std::vector<MigrationStep> applied)
{
    SquashedLedger ledger{.applied = std::move(applied), .new_ones = {}};
    for (const auto& squash : squashes) {
        if (!is_known(squash, ledger.applied))
            continue;
        check_replaced(squash, ledger.applied);
        std::string last;
        std::erase_if(ledger.applied, [&](const auto& step) {
            const bool is_replaced =
                std::ranges::find(squash.replaces, step.file, &ReplacedMigration::name) !=
                squash.replaces.end();
            if (is_replaced)
                last = std::max(last, step.changed_at);
            return is_replaced;
        });
        for (auto step : steps_in(wanted, squash.file)) {
            step.is_done = true;
            step.changed_at = last;
            ledger.applied.push_back(std::move(step));
        }
        ledger.new_ones.push_back(squash);
    }
    return ledger;
}

std::string squashed_text(const std::vector<Migration>& migrations)
{
    std::string text = "-- Made by 'nimbus migrate squash' of the files below. Where they are "
                       "applied, nothing of it runs.\n";
    for (const auto& migration : migrations)
        text += fmt::format("-- nimbus: replaces {} {}\n", migration.name,
                            checksum_of_file(steps_of({migration})));
    for (const auto& migration : migrations) {
        text += "\n-- " + migration.name + "\n";
        for (const auto& statement : migration.statements)
            text += fmt::format("{}{}{};\n", statement.is_unchecked ? "-- nimbus: unchecked\n" : "",
                                statement.in_batches ? "-- nimbus: batch\n" : "", statement.text);
    }
    return text;
}

} // namespace nimbus::deploy::sql

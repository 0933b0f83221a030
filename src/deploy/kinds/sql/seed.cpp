#include "deploy/kinds/sql/seed.h"

#include <algorithm>
#include <map>

namespace nimbus::deploy::sql {
std::vector<MigrationStep> seed_of(const std::vector<MigrationStatement>& statements)
{
    return steps_of(
        {Migration{.name = std::string(seed_key), .statements = statements, .replaces = {}}});
}

std::vector<MigrationStep> pending_seed(const std::vector<MigrationStep>& seed,
                                        const std::vector<MigrationStep>& applied)
{
    std::map<std::string, int> done; // by checksum: the same statement may stand there twice
    int last = 0;
    for (const auto& step : applied) {
        if (step.file != seed_key)
            continue;
        ++done[step.checksum];
        last = std::max(last, step.number);
    }
    std::vector<MigrationStep> pending;
    for (auto step : seed) {
        if (done[step.checksum]-- > 0)
            continue;
        step.number = ++last;
        pending.push_back(std::move(step));
    }
    return pending;
}

bool takes_seeds(const Target& target, bool is_preview)
{
    return target.name == "local" || is_preview;
}

} // namespace nimbus::deploy::sql

#include "local/services/secretsmanager/secret.h"

#include <algorithm>
#include <utility>

namespace nimbus::local {
namespace {

constexpr std::size_t most_versions = 100;
constexpr auto kept_at_least = std::chrono::hours(24);

} // namespace

bool SecretVersion::has_stage(const std::string& stage) const
{
    return std::ranges::binary_search(stages, stage);
}

void SecretVersion::add_stage(const std::string& stage)
{
    const auto at = std::ranges::lower_bound(stages, stage);
    if (at == stages.end() || *at != stage)
        stages.insert(at, stage);
}

void SecretVersion::remove_stage(const std::string& stage)
{
    std::erase(stages, stage);
}

const SecretVersion* Secret::find_version(const std::string& id) const
{
    const auto found = std::ranges::find(versions, id, &SecretVersion::id);
    return found == versions.end() ? nullptr : &*found;
}

SecretVersion* Secret::find_version(const std::string& id)
{
    return const_cast<SecretVersion*>(std::as_const(*this).find_version(id));
}

const SecretVersion* Secret::version_with_stage(const std::string& stage) const
{
    const auto found = std::ranges::find_if(
        versions, [&](const SecretVersion& version) { return version.has_stage(stage); });
    return found == versions.end() ? nullptr : &*found;
}

SecretVersion* Secret::version_with_stage(const std::string& stage)
{
    return const_cast<SecretVersion*>(std::as_const(*this).version_with_stage(stage));
}

void Secret::move_stage(const std::string& stage, const std::string& version_id)
{
    auto* const target = find_version(version_id);
    auto* const holder = version_with_stage(stage);
    if (holder == target)
        return;
    if (holder != nullptr) {
        holder->remove_stage(stage);
        if (stage == stage_current) {
            if (auto* const previous = version_with_stage(stage_previous))
                previous->remove_stage(stage_previous);
            holder->add_stage(stage_previous);
        }
    }
    target->add_stage(stage);
}

void Secret::add_version(SecretVersion version, const std::vector<std::string>& stages)
{
    const auto id = version.id;
    const auto is_first = versions.empty();
    const auto* const predecessor = version_with_stage(stage_current);
    const auto predecessor_id = predecessor == nullptr ? std::string() : predecessor->id;
    versions.push_back(std::move(version));
    for (const auto& stage : stages)
        move_stage(stage, id);
    if (is_first)
        move_stage(stage_current, id);
    if (auto* const old = find_version(predecessor_id);
        old != nullptr && !old->has_stage(stage_current))
        old->remove_stage(stage_pending);
}

std::vector<std::string> Secret::remove_old_versions(SystemTime now)
{
    std::vector<std::string> removed;
    auto surplus = versions.size() - std::min(versions.size(), most_versions);
    std::erase_if(versions, [&](const SecretVersion& version) {
        if (surplus == 0 || !version.stages.empty() || now - version.created < kept_at_least)
            return false;
        --surplus;
        removed.push_back(version.id);
        return true;
    });
    return removed;
}

std::size_t Secret::stage_count() const
{
    std::size_t count = 0;
    for (const auto& version : versions)
        count += version.stages.size();
    return count;
}

} // namespace nimbus::local

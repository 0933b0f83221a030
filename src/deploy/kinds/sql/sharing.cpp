#include "deploy/kinds/sql/sharing.h"

#include "crypto/digest.h"
#include "deploy/world.h"

#include <algorithm>

namespace nimbus::deploy::sql {
namespace {

constexpr std::string_view claim_prefix = "nimbus:schema:";
constexpr std::string_view protected_mark = " protected";
/// Between a schema and the digest of its claimant; no schema has one in its name.
constexpr char intention_mark = ':';
constexpr std::size_t digest_characters = 12;

} // namespace

bool is_made_by_an_application(const aws::Tags& tags)
{
    return tags.contains(std::string(project_tag));
}

std::string claim_tag(std::string_view schema)
{
    return std::string(claim_prefix) + std::string(schema);
}

std::string claim_value(const SchemaClaim& claim)
{
    return claim.owner + std::string(claim.is_protected ? protected_mark : "");
}

std::vector<SchemaClaim> claims_of(const aws::Tags& tags)
{
    std::vector<SchemaClaim> claims;
    for (const auto& [name, value] : tags) {
        if (!name.starts_with(claim_prefix))
            continue;
        SchemaClaim claim{.schema = name.substr(claim_prefix.size()), .owner = value};
        claim.is_protected = value.ends_with(protected_mark);
        if (claim.is_protected)
            claim.owner.resize(value.size() - protected_mark.size());
        claims.push_back(std::move(claim));
    }
    return claims;
}

std::string intention_tag(std::string_view schema, std::string_view owner)
{
    return claim_tag(schema) + intention_mark +
           crypto::sha256_hex(owner).substr(0, digest_characters);
}

std::string other_claimant(const aws::Tags& tags, std::string_view schema, std::string_view owner)
{
    for (const auto& claim : claims_of(tags)) {
        const auto claimed = claim.schema.substr(0, claim.schema.find(intention_mark));
        if (claimed == schema && claim.owner != owner)
            return claim.owner;
    }
    return {};
}

std::optional<SchemaClaim> claim_of(const aws::Tags& tags, std::string_view schema)
{
    for (auto& claim : claims_of(tags))
        if (claim.schema == schema)
            return std::move(claim);
    return {};
}

std::vector<std::string> unclaimed(const std::set<std::string>& schemas, const aws::Tags& tags)
{
    std::vector<std::string> names;
    for (const auto& name : schemas)
        if (!tags.contains(claim_tag(name)))
            names.push_back(name);
    return names;
}

std::string other_owners(const aws::Tags& tags, std::string_view owner)
{
    std::set<std::string> names;
    for (const auto& claim : claims_of(tags))
        if (claim.owner != owner)
            names.insert(claim.owner);
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool others_protect(const aws::Tags& tags, std::string_view owner)
{
    return std::ranges::any_of(claims_of(tags), [&](const SchemaClaim& claim) {
        return claim.owner != owner && claim.is_protected;
    });
}

} // namespace nimbus::deploy::sql

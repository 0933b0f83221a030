#pragma once

#include "aws/ops/dsql/clusters.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Who uses a cluster: each application says so by a tag on it, which every other application of
/// the account can see. nimbus:schema:<schema> = <project>/<stage>[ protected]
namespace nimbus::deploy::sql {

/// nimbus:cluster = <name>: a cluster that is shared, and its name.
inline constexpr std::string_view shared_cluster_tag = "nimbus:cluster";

struct SchemaClaim {
    std::string schema;
    std::string owner;         ///< project/stage
    bool is_protected = false; ///< its owner declared deletion protection

    bool operator==(const SchemaClaim&) const = default;
};

std::string claim_tag(std::string_view schema);
std::string claim_value(const SchemaClaim& claim);
std::vector<SchemaClaim> claims_of(const aws::Tags& tags);
/// Nothing if nobody claims that schema.
std::optional<SchemaClaim> claim_of(const aws::Tags& tags, std::string_view schema);
/// Those of `schemas` that nobody claims.
std::vector<std::string> unclaimed(const std::set<std::string>& schemas, const aws::Tags& tags);
/// The owners of schemas in it but `owner`: "blue/dev, red/dev"; empty if there are none.
std::string other_owners(const aws::Tags& tags, std::string_view owner);
/// Does one of them want the cluster to be protected?
bool others_protect(const aws::Tags& tags, std::string_view owner);

} // namespace nimbus::deploy::sql

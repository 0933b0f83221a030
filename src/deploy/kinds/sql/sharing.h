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

/// Did an application of Nimbus create the cluster? Each writes its name on what it creates. One
/// without was made by somebody else for applications to share: it is neither changed nor deleted.
bool is_made_by_an_application(const aws::Tags& tags);

std::string claim_tag(std::string_view schema);
std::string claim_value(const SchemaClaim& claim);
/// With the intentions, as claims of what no schema can be called.
std::vector<SchemaClaim> claims_of(const aws::Tags& tags);
/// An application writes this, with itself as the value, before it claims a schema for the first
/// time. All claims of a schema have one key, and the later one would replace the other; intentions
/// have a key for each application. Whoever has written one looks at all of them: of two that want
/// the same schema at the same time, one at least sees the other.
std::string intention_tag(std::string_view schema, std::string_view owner);
/// Who else claims that schema, or is about to; "" where nobody does.
std::string other_claimant(const aws::Tags& tags, std::string_view schema, std::string_view owner);

/// Whoever deletes a shared cluster writes this, with itself as the value, before it looks a last
/// time whether others use it; whoever claims a schema looks for this after that.
inline constexpr std::string_view deleting_tag = "nimbus:deleting";

/// Nothing if nobody claims that schema.
std::optional<SchemaClaim> claim_of(const aws::Tags& tags, std::string_view schema);
/// Those of `schemas` that nobody claims.
std::vector<std::string> unclaimed(const std::set<std::string>& schemas, const aws::Tags& tags);
/// The owners of schemas in it but `owner`: "blue/dev, red/dev"; empty if there are none.
std::string other_owners(const aws::Tags& tags, std::string_view owner);
/// Does one of them want the cluster to be protected?
bool others_protect(const aws::Tags& tags, std::string_view owner);

} // namespace nimbus::deploy::sql

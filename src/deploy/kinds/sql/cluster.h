#pragma once

#include "deploy/kinds/sql/cluster_reads.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::sql {

struct ClusterInputs {
    bool deletion_protection = true;
    aws::Tags tags;
    // Facts that only what was read has:
    std::optional<bool> others_protect; ///< another application wants it protected
    std::optional<bool> made_by_us;
};
BOOST_DESCRIBE_STRUCT(ClusterInputs, (), (deletion_protection, tags, others_protect, made_by_us))

struct ClusterOutputs {
    std::string identifier;
    std::string arn;
    std::string endpoint;
    /// Where the target knows the endpoint's address by itself.
    std::optional<std::string> hostaddr;
    std::string shared_name; ///< of a shared cluster; else empty
};
BOOST_DESCRIBE_STRUCT(ClusterOutputs, (), (identifier, arn, endpoint, hostaddr, shared_name))

/// A DSQL cluster, the application's own or a shared one. Nothing about it can be chosen but its
/// tags: it is found by them.
struct ClusterResource {
    static constexpr std::string_view name = "cluster";
    static constexpr Leaving leaving = Leaving::keeps_data;
    using Inputs = ClusterInputs;
    using Outputs = ClusterOutputs;
    using Parent = NoParent;
    using Subject = SubjectOf<ClusterResource>;
    using Observed = ObservedOf<ClusterResource>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static std::vector<std::string> differences(const Inputs& wanted, const Observed&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static Outputs expected(const Target& target, const Outputs& identity);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// One of the application's own is named after the database; a shared one, "shared/<name>".
std::string cluster_name(const Database& database);

/// The cluster as AWS has it now, wherever the state or the tags lead to it; nothing when there is
/// none.
std::optional<aws::dsql::Cluster> locate(World& world, Reads& reads,
                                         const ClusterResource::Subject& subject);

/// Waits until schemas can be read and made in it, and returns it then. Throws Error when that will
/// not be.
aws::dsql::Cluster wait_until_usable(World& world, const std::string& identifier);
/// Can what is in it be read? While it is being updated, that is there all the same: waits then.
bool can_be_read(World& world, const aws::dsql::Cluster& cluster);

std::vector<Node> cluster_nodes(const Application& application);

} // namespace nimbus::deploy::sql

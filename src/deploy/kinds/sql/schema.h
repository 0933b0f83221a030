#pragma once

#include "deploy/kinds/sql/cluster.h"

namespace nimbus::deploy::sql {

struct SchemaInputs {
    std::string identifier;         ///< of the cluster
    std::string claim;              ///< see sharing.h; "none"
    std::string schema;             ///< "missing" where it is
    std::string role;               ///< "missing" where it is
    std::string login;              ///< of the role: "allowed" or "missing"
    std::string privileges;         ///< "granted" or "missing"
    std::string default_privileges; ///< of what admin makes later: "granted" or "missing"
};
BOOST_DESCRIBE_STRUCT(SchemaInputs, (),
                      (identifier, claim, schema, role, login, privileges, default_privileges))

struct SchemaOutputs {
    std::string schema;
    std::string db_role;
    std::string identifier; ///< of the cluster
    std::string endpoint;   ///< of the cluster
    /// IAM roles by ARN, with the RoleId that each had when it was mapped: versions before 0.2
    /// wrote that here.
    std::optional<std::map<std::string, std::string>> mappings;
};
BOOST_DESCRIBE_STRUCT(SchemaOutputs, (), (schema, db_role, identifier, endpoint, mappings))

/// An application's schema in a cluster: the claim to it, the schema, and the database role.
struct Schema {
    static constexpr std::string_view name = "schema";
    static constexpr Leaving leaving = Leaving::keeps_data;
    using Inputs = SchemaInputs;
    using Outputs = SchemaOutputs;
    using Parent = ClusterResource;
    using Subject = SubjectOf<Schema>;
    using Observed = ObservedOf<Schema>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static std::string id(const Outputs& outputs) { return outputs.schema; }
};

std::string schema_name(const Database& database);

/// Throws LostTags: a schema of ours has that name, and nobody claims it.
[[noreturn]] void throw_lost_claim(const World& world, const std::string& cluster_identifier,
                                   const std::string& schema);

std::vector<Node> schema_nodes(const Application& application);

} // namespace nimbus::deploy::sql

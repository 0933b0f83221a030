#pragma once

#include "deploy/kinds/sql/schema.h"

namespace nimbus::deploy::sql {

struct MappingInputs {
    std::string arn;     ///< of the IAM role
    std::string role_id; ///< of the IAM role, as of its mapping; "" when that is not known
};
BOOST_DESCRIBE_STRUCT(MappingInputs, (), (arn, role_id))

struct MappingOutputs {
    std::string arn;
    std::string role_id; ///< is not in the database: the state remembers
};
BOOST_DESCRIBE_STRUCT(MappingOutputs, (), (arn, role_id))

/// Lets one IAM role of functions connect as the database role of a schema. A resource of its own,
/// so that functions that change their role always have one that is mapped: the new one is mapped
/// before, and the old one unmapped after.
struct Mapping {
    static constexpr std::string_view name = "role-mapping";
    using Inputs = MappingInputs;
    using Outputs = MappingOutputs;
    using Parent = Schema;
    using Subject = SubjectOf<Mapping>;
    using Observed = ObservedOf<Mapping>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

/// `role` is a node's name: of functions that use `database`.
std::string mapping_name(const Database& database, const std::string& role);

std::vector<Node> mapping_nodes(const Application& application);

} // namespace nimbus::deploy::sql

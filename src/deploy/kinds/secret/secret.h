#pragma once

#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::secret {

struct SecretInputs {
    std::string name; ///< in Secrets Manager
    std::string description;
    std::string kms_key_id;
    std::string state; ///< "available", or "scheduled for deletion"
    aws::Tags tags;
};
BOOST_DESCRIBE_STRUCT(SecretInputs, (), (name, description, kms_key_id, state, tags))

struct SecretOutputs {
    std::string secret_name; ///< in Secrets Manager
    std::string arn;         ///< ends in six random characters
};
BOOST_DESCRIBE_STRUCT(SecretOutputs, (), (secret_name, arn))

/// A secret of Secrets Manager, made without a value: people set that ('nimbus secret set'), before
/// the first deploy or after it.
struct SecretResource {
    static constexpr std::string_view name = "secret";
    static constexpr Leaving leaving = Leaving::asks;
    static constexpr std::string_view recovery =
        "can be restored for 30 days: declare it again and deploy";
    using Inputs = SecretInputs;
    using Outputs = SecretOutputs;
    using Parent = NoParent;
    using Subject = SubjectOf<SecretResource>;
    using Observed = ObservedOf<SecretResource>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    /// With the recovery window, in which a deploy or 'nimbus secret set' brings it back.
    static void destroy(World&, const Subject&);
    static Outputs expected(const Target& target, const Outputs& identity);
    static std::string id(const Outputs& outputs) { return outputs.arn; }
};

std::vector<Node> secret_nodes(const Application& application);

/// The condition of one that nobody has given a value.
inline constexpr std::string_view without_value = "has no value";

} // namespace nimbus::deploy::secret

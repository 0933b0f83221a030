#pragma once

#include "deploy/typed_resource.h"

#include <boost/describe/class.hpp>

namespace nimbus::deploy::function {

struct ArtifactInputs {
    std::string object_key;
    std::optional<std::string> bucket;
    std::optional<std::string> file; ///< on this machine
};
BOOST_DESCRIBE_STRUCT(ArtifactInputs, (), (object_key, bucket, file))

struct ArtifactOutputs {
    std::string bucket;
    std::string object_key;
};
BOOST_DESCRIBE_STRUCT(ArtifactOutputs, (), (bucket, object_key))

/// Code of the application: an object named after its content, which all functions of an
/// architecture share.
struct Artifact {
    static constexpr std::string_view name = "artifact";
    using Inputs = ArtifactInputs;
    using Outputs = ArtifactOutputs;
    using Parent = NoParent;

    static std::optional<ObservedOf<Artifact>> read(World&, Reads&, const SubjectOf<Artifact>&);
    static Outputs create(World&, const SubjectOf<Artifact>&, const Inputs&);
    static Outputs update(World&, const SubjectOf<Artifact>&, const Inputs&,
                          const ObservedOf<Artifact>&);
    static void destroy(World&, const SubjectOf<Artifact>&);
    static std::string id(const Outputs& outputs) { return outputs.object_key; }
};

/// One for each content that functions have.
std::vector<Node> artifact_nodes(const Application& application);

} // namespace nimbus::deploy::function

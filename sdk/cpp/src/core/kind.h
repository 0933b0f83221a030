#pragma once

namespace nimbus::detail {

class ManifestWriter;

/// A kind of resource: what the program has declared of it.
class Kind {
public:
    virtual ~Kind() = default;

    /// Writes the declarations into the kind's own section. Functions are written by the core.
    virtual void describe(ManifestWriter& manifest) const = 0;
};

} // namespace nimbus::detail

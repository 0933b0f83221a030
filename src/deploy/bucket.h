#pragma once

#include "deploy/world.h"

#include <optional>
#include <string>
#include <vector>

namespace nimbus::deploy {

/// What the keys of all of Nimbus's objects start with.
inline constexpr std::string_view root_of_keys = "nimbus/";

/// Throws the Error that says so when that is S3's way to tell of another Region.
void check_region(const aws::ApiError& error, const Target& target);
[[noreturn]] void throw_elsewhere(const Target& target);

/// Keys of a deployment's objects all start with nimbus/<project>/<stage>/<region>/.
std::string object_key(const DeploymentId& deployment, std::string_view name);

/// The target's bucket: small objects, and writes that fail when somebody else wrote meanwhile.
class Bucket {
public:
    /// Do changes pass the world's fence? Those of the lock itself do not.
    enum class Fenced { yes, no };

    explicit Bucket(World& world, Fenced fenced = Fenced::yes) : world_(world), fenced_(fenced) {}

    /// "s3://bucket/key"
    std::string location(const std::string& key) const;

    struct Object {
        std::string body;
        std::string etag;
        SystemTime written;
        SystemTime now; ///< by the same clock, the store's
    };
    /// Nothing when there is no such object. Throws Error when there is no bucket on AWS; the local
    /// cloud makes its own with the first write.
    std::optional<Object> get(const std::string& key);

    struct Condition {
        std::string etag; ///< the object has to be that one; empty: there must be none
    };
    /// The new ETag, or nothing when the condition does not hold. Makes the local cloud's bucket
    /// when it is missing; on AWS that is an Error which says how to make it.
    std::optional<std::string> put(const std::string& key, const std::string& body,
                                   const Condition& condition);
    /// False when the object is not that one any more.
    bool remove(const std::string& key, const std::string& etag);

private:
    template <class Operation>
    typename Operation::Response call(const Operation& operation)
    {
        return fenced_ == Fenced::yes ? world_.call(operation) : world_.call_unfenced(operation);
    }

    World& world_;
    Fenced fenced_;
};

/// Of all deployments in the bucket: keys that end with `name`. Throws as Bucket::get.
std::vector<DeploymentId> deployments_with(const Target& target, std::string_view name);

} // namespace nimbus::deploy

#pragma once

#include "base/error.h"
#include "base/time.h"
#include "deploy/outputs.h"
#include "deploy/plan_summary.h"
#include "deploy/status.h"
#include "deploy/target.h"
#include "process/process_identity.h"

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::manifest {
struct Manifest;
}

/// The deploy engine: makes the world what a manifest says, by calls to AWS's APIs and SQL to DSQL.
/// What the command line uses of it; everything else in this folder is its inside. What there is to
/// deploy, the kinds of resource know: `deploy/kinds` has those of Nimbus.
namespace nimbus::deploy {

class Kinds;

struct Options {
    Status* status = nullptr; ///< told of what happens; never null in deploy and destroy
    /// How long to wait for a lock that somebody else holds.
    std::chrono::milliseconds lock_timeout{60'000};
    std::string holder; ///< who says the lock holds it: user@host (pid)
    int parallel = 8;   ///< steps at a time
    /// Asked before each step and while waiting, from any thread: true ends with what is under way.
    std::function<bool()> interrupted;
    bool prune = false; ///< a deploy deletes what somebody added to our things, too
};

struct DeployResult {
    Outputs outputs;
    Changes changes;
};

/// A step that failed.
struct FailedStep {
    std::string verb;     ///< "create", "update", "delete"
    std::string resource; ///< "function get-users"
    std::string message;
    std::string hint;
    std::exception_ptr cause{};
};

/// What was under way has ended, and what was done is recorded. `what()` names each failed resource
/// with its cause, one a line when there are several.
class DeployFailed : public Error {
public:
    explicit DeployFailed(std::vector<FailedStep> steps);
    const std::vector<FailedStep>& steps() const noexcept { return steps_; }

private:
    std::vector<FailedStep> steps_;
};

/// The run ended before all was done, though no step failed.
class Stopped : public Error {
    using Error::Error;
};

/// The person asked to stop while something was waited for.
class Interrupted : public Stopped {
public:
    explicit Interrupted(const std::string& what)
        : Stopped(what, "Run the command again: it continues from here.")
    {
    }
};

/// Somebody else took over the deployment, or removed the lock: nothing is changed any more.
class LockLost : public Stopped {
public:
    using Stopped::Stopped;
};

/// What a deploy would do, and why. Reads only. Throws UsageError where the program has more of
/// something than AWS allows.
PlanSummary plan(const Kinds& kinds, const Target& target, const manifest::Manifest& manifest,
                 const Artifacts& artifacts);

/// Says of `plan.strays`, which are not empty, what they are and what to do.
std::string describe_strays(const Target& target, const PlanSummary& plan);

/// Does it. Throws UsageError as `plan` does, before anything is changed, and Error (DeployFailed
/// names each failed resource) after what was under way ended; what was done stays recorded, and
/// the next deploy goes on from there. `confirm`, if given, sees the plan before anything is
/// changed; false ends with nothing done.
std::optional<DeployResult> deploy(const Kinds& kinds, const Target& target,
                                   const manifest::Manifest& manifest, const Artifacts& artifacts,
                                   const Options& options,
                                   const std::function<bool(const PlanSummary&)>& confirm = {});

/// Something that a destroy left, and how to delete it.
struct Kept {
    std::string resource; ///< "cluster abc… (main-db), schema myapp"
    std::string reason;
    std::string how; ///< what to type
};

struct DestroyResult {
    bool existed = false; ///< was there anything of that deployment?
    Changes changes;
    std::vector<Kept> kept;
};

/// Takes a deployment down (design 4.4: data stay without `force`). Throws as `deploy` does;
/// something with deletion protection makes it throw after all else is done. Throws Error where the
/// bucket has no state, but things of the deployment are there.
DestroyResult destroy(const Kinds& kinds, const Target& target, const DeploymentId& deployment,
                      bool force, const Options& options);

/// From the state: nothing if it was never deployed. Calls AWS only to read the state object.
std::optional<Outputs> outputs(const Kinds& kinds, const Target& target,
                               const DeploymentId& deployment);

/// The deployments whose state the target's bucket holds.
std::vector<DeploymentId> list_deployments(const Target& target);

/// What one resource is and does now.
struct ResourceStatus {
    std::string resource; ///< "function get-users"
    std::string state; ///< "active", "missing", "not created yet", "interrupted while creating", …
    std::string id;    ///< ARN, identifier or name in AWS
    bool is_kept = false; ///< no longer declared, or destroyed without --force
    /// "tracing: Active -> PassThrough": settings that no program declares and that somebody
    /// changed.
    std::vector<std::string> altered_settings = {};
};

/// What `nimbus status` shows.
struct DeploymentStatus {
    std::optional<Outputs> outputs; ///< not there while no deploy has ended
    std::vector<ResourceStatus> resources;
    std::vector<PlannedExtra> extras; ///< what somebody added to the deployment's things
};

/// From one look at the state and at each resource, in parallel. Nothing if it was never deployed.
std::optional<DeploymentStatus> deployment_status(const Kinds& kinds, const Target& target,
                                                  const DeploymentId& deployment);

// --- the lock, and a damaged state ------------------------------------------------------------

struct LockInfo {
    std::string id; ///< random: tells this lock from the next one of the same holder
    std::string holder;
    std::string operation; ///< "deploy", "destroy"; empty: not known, and `since` neither
    SystemTime since;
    SystemTime expires; ///< end of the lease, unless its holder renews it
    std::chrono::milliseconds lease{};
    /// The holder's; earlier versions do not write it.
    std::optional<process::ProcessIdentity> process;
    /// The id of the lock that was taken from its holder, in whose place this one stands: nobody
    /// can renew it, and the holder removes it once it has stopped. Empty: it is no revocation.
    std::string revokes;
    /// When the lease is over, by the store's clock. Of a revocation: the holder's last lease.
    SystemTime ends;

    bool holder_ended = false; ///< its process is known to be gone
    bool stale = false;        ///< the lease ran out
    std::string damage;        ///< why the object is no lock; nothing above is known then

    std::string location; ///< "s3://bucket/key"
    std::string text;     ///< all that the object holds
    std::string etag;
};

/// Also one that is damaged; nothing when there is none.
std::optional<LockInfo> read_lock(const Target& target, const DeploymentId& deployment);
/// What became of a lock that was taken from its holder.
enum class Unlocked {
    removed, ///< nobody can be at work with it
    revoked, ///< its holder stops when it next looks; who wants the lock waits for that
};
/// Takes the lock away if it is still the one that `expected` describes; throws Error when it is
/// not. After `revoked` it is free once the holder has removed it, or at `expected.ends`.
Unlocked unlock(const Target& target, const DeploymentId& deployment, const LockInfo& expected);

/// An object that is not what its key says.
struct Damage {
    std::string what; ///< a sentence that names the object
    std::string text; ///< all that it holds
};

/// Of the state. Nothing when it is whole, there is none, or a newer Nimbus wrote it.
std::optional<Damage> damaged_state(const Kinds& kinds, const Target& target,
                                    const DeploymentId& deployment);
/// Moves the damaged state aside within the bucket, if it is still `expected`; returns where to.
/// The next deploy begins without a state, and finds the resources by their names and tags.
std::string set_state_aside(const Kinds& kinds, const Target& target,
                            const DeploymentId& deployment, const Damage& expected);

} // namespace nimbus::deploy

#pragma once

#include "aws/client.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "deploy/status.h"
#include "manifest/manifest.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The deploy engine: makes the world what a manifest says, by calls to AWS's APIs and SQL to DSQL.
/// What the command line uses of it; everything else in this folder is its inside.
namespace nimbus::deploy {

/// Where to deploy to, and as whom. The references outlive every call.
struct Target {
    std::string name; ///< "local" or "aws": for people and for `target` in --json
    const aws::Client& client;
    std::string region;
    std::string account_id;
    std::string bucket;            ///< of state and artifacts; made when there is none (local only)
    std::filesystem::path ca_file; ///< that DSQL's certificate is checked with; empty: the system's
};

/// Which deployment: one state, one lock.
struct DeploymentId {
    std::string project;
    std::string stage;
    std::string region;

    bool operator==(const DeploymentId&) const = default;
};

/// The application's code, as the front end packaged it.
struct Artifact {
    std::filesystem::path zip;
    std::string sha256; ///< of the zip, hexadecimal
};

struct Options {
    Status* status = nullptr; ///< told of what happens; never null in deploy and destroy
    /// How long to wait for a lock that somebody else holds.
    std::chrono::milliseconds lock_timeout{60'000};
    std::string holder; ///< who says the lock holds it: user@host (pid)
    int parallel = 8;   ///< steps at a time
    /// Asked before each step and while waiting, from any thread: true ends with what is under way.
    std::function<bool()> interrupted;
};

enum class Action { create, update, replace, remove, keep };

/// "create", "update", "replace", "delete", "keep".
std::string verb(Action action);

/// The reason to create what was never there.
inline constexpr const char* is_new = "is new";

struct Changes {
    int created = 0, updated = 0, deleted = 0, unchanged = 0;

    void count(Action action);
};

/// One line of a plan.
struct PlannedStep {
    std::string resource; ///< "function get-users"
    std::string type;     ///< "function"
    std::string name;     ///< "get-users", within its type
    Action action = Action::keep;
    std::vector<std::string> reasons; ///< "memory: 256 -> 512"; for create: why it is missing
};

/// In the order of dependencies; resources that stay as they are have Action::keep.
struct PlanSummary {
    DeploymentId deployment;
    std::vector<PlannedStep> steps;

    bool changes_nothing() const;
    /// Does a step delete or replace something that holds data?
    bool loses_data() const;
    /// What a deploy would report; what is replaced counts as updated.
    Changes changes() const;
};

/// What is deployed, as `deploy --json` and `outputs --json` print it.
struct Outputs {
    struct Api {
        std::string name, id, url;
        std::vector<manifest::Route> routes;
        bool operator==(const Api&) const = default;
    };
    struct Sql {
        std::string name, identifier, endpoint, arn, schema, db_role;
        int port = 5432;
        bool operator==(const Sql&) const = default;
    };
    struct Function {
        std::string name; ///< as declared
        std::string arn;
        std::string log_group;
        bool operator==(const Function&) const = default;
    };

    DeploymentId deployment;
    std::vector<Api> apis;
    std::vector<Sql> sql;
    std::vector<Function> functions;
    bool operator==(const Outputs&) const = default;
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

/// The person asked to stop while something was waited for.
class Interrupted : public Error {
public:
    explicit Interrupted(const std::string& what)
        : Error(what, "Run the command again: it goes on from here.")
    {
    }
};

/// What a deploy would do, and why. Reads only.
PlanSummary plan(const Target& target, const manifest::Manifest& manifest,
                 const Artifact& artifact);

/// Does it. Throws Error (DeployFailed names each failed resource) after what was under way ended;
/// what was done stays recorded, and the next deploy goes on from there. `confirm`, if given, sees
/// the plan before anything is changed; false ends with nothing done.
std::optional<DeployResult> deploy(const Target& target, const manifest::Manifest& manifest,
                                   const Artifact& artifact, const Options& options,
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

/// Takes a deployment down (design 4.4: data stay without `force`). Throws as `deploy` does; a
/// database with deletion protection makes it throw after all else is done.
DestroyResult destroy(const Target& target, const DeploymentId& deployment, bool force,
                      const Options& options);

/// From the state: nothing if it was never deployed. Calls AWS only to read the state object.
std::optional<Outputs> outputs(const Target& target, const DeploymentId& deployment);

/// The deployments whose state the target's bucket holds.
std::vector<DeploymentId> list_deployments(const Target& target);

/// What one resource is and does now, for `nimbus status`: read from AWS, in parallel.
struct ResourceStatus {
    std::string resource; ///< "function get-users"
    std::string state;    ///< "active", "missing", "interrupted while creating", …
    std::string id;       ///< ARN, identifier or name in AWS
};
std::vector<ResourceStatus> resource_status(const Target& target, const DeploymentId& deployment);

// --- the lock ---------------------------------------------------------------------------------

struct LockInfo {
    std::string holder;
    std::string operation; ///< "deploy", "destroy"
    SystemTime since;
    SystemTime expires; ///< end of the lease, unless its holder renews it
    bool stale = false; ///< the lease ran out
};

std::optional<LockInfo> read_lock(const Target& target, const DeploymentId& deployment);
/// Removes the lock if it is still the one that `expected` describes.
void remove_lock(const Target& target, const DeploymentId& deployment, const LockInfo& expected);

} // namespace nimbus::deploy

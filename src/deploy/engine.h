#pragma once

#include "deploy/executor.h"
#include "deploy/journal.h"
#include "deploy/lock.h"

/// What deploy and destroy have in common.
namespace nimbus::deploy {

/// Calls AWS, and tells the journal. The only place that adopts what an earlier call made: an
/// answer can be lost, by the network or by the end of the process, after AWS acted. A call that
/// may be sent again meets what the first one made; before one that may not, what is there is read.
class AwsStepRunner : public StepRunner {
public:
    AwsStepRunner(World& world, Journal& journal) : world_(world), journal_(journal) {}
    Action run(const Step& step) override;

private:
    /// Keep where the thing is somebody else's.
    Action remove(const Step& step);
    /// Only an attempt to create it is recorded: completes the outputs with what is found. Throws
    /// NotOurs when what is in its place is somebody else's.
    void complete_attempt(const ResourceType& type, Subject& subject);
    json::object establish(const Step& step, const Subject& subject, const json::object& inputs,
                           std::optional<Observed> present);
    void destroy(const ResourceType& type, const Subject& subject);
    std::optional<Observed> look_again(const Step& step, const Subject& subject, bool is_there);

    World& world_;
    Journal& journal_;
};

Lock::Options lock_options(const Options& options, const std::string& operation);

/// Carries out the plan, under the lock; throws DeployFailed, or Error when it was stopped. What
/// was done is recorded by then.
Changes carry_out(World& world, const Plan& plan, Journal& journal, Lock& lock,
                  const Options& options);

} // namespace nimbus::deploy

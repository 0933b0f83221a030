#pragma once

#include "deploy/executor.h"
#include "deploy/journal.h"
#include "deploy/lock.h"

#include <mutex>

/// What deploy and destroy have in common.
namespace nimbus::deploy {

/// Passes on to a listener that hears one call at a time; without a listener to nobody.
class SerialStatus : public Status {
public:
    explicit SerialStatus(Status* listener) : listener_(listener) {}

    void phase(const std::string& sentence) override;
    void plan(int steps) override;
    void started(const std::string& verb, const std::string& resource) override;
    void finished(const std::string& verb, const std::string& resource, double seconds) override;
    void failed(const std::string& verb, const std::string& resource) override;
    void note(const std::string& sentence) override;

private:
    Status* listener_;
    std::mutex mutex_;
};

/// Calls AWS, and tells the journal.
class AwsStepRunner : public StepRunner {
public:
    AwsStepRunner(World& world, Journal& journal) : world_(world), journal_(journal) {}
    void run(const Step& step) override;

private:
    World& world_;
    Journal& journal_;
};

Lock::Options lock_options(const Options& options, const std::string& operation);

/// Carries out the plan, under the lock; throws DeployFailed, or Error when it was stopped. What
/// was done is recorded by then.
Changes carry_out(World& world, const Plan& plan, Journal& journal, const Lock& lock,
                  const Options& options);

} // namespace nimbus::deploy

#pragma once

#include "local/iam/access_control.h"
#include "local/services/scheduler/client_tokens.h"
#include "local/services/scheduler/engine.h"
#include "local/services/scheduler/errors.h"
#include "local/services/scheduler/schedule_store.h"
#include "local/services/service.h"

#include <string>
#include <vector>

namespace nimbus::local {

/// What Scheduler's operations work with; outlives the service.
struct SchedulerParts {
    scheduler::ScheduleStore& store;
    scheduler::ClientTokens& tokens;
    scheduler::Engine& engine;
    AccessControl& access;
    Clock clock;
};

/// EventBridge Scheduler: schedules that invoke Lambda functions.
Service make_scheduler_service(const SchedulerParts& parts);
/// What its operations do with their input.
std::vector<InputMembers> scheduler_inputs();

/// What the files of the operations share.
namespace scheduler {

std::vector<Operation> schedule_operations(const SchedulerParts& parts);
std::vector<Operation> group_operations(const SchedulerParts& parts);

/// An operation that answers with an object. `arn` is what the permission is asked for.
Operation operation(const SchedulerParts& parts, Operation named,
                    json::object (*answer)(const SchedulerParts&, Call&));

/// Throws ValidationException unless it has 1 to 64 letters, digits, '-', '_' and '.'.
std::string checked_name(std::string_view member, std::string name);

/// Throws ResourceNotFoundException.
GroupRecord need_group(const SchedulerParts& parts, const Call& call, const std::string& name);

/// The part of a list that a request asks for, by MaxResults and NextToken.
class Page {
public:
    explicit Page(const Call& call);

    /// Takes the next item, whose keys grow. False: it belongs to another page.
    bool take(const std::string& key);
    /// Adds NextToken when there are more items.
    void finish(json::object& answer) const;

private:
    std::size_t limit_ = 100;
    std::string after_; ///< the last key of the page before
    std::string last_;
    std::size_t taken_ = 0;
    bool has_more_ = false;
};

} // namespace scheduler
} // namespace nimbus::local

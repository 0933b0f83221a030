#pragma once

#include "local/services/logs/log_writer.h"
#include "local/services/service.h"

#include <functional>

namespace nimbus::local {

/// CloudWatch Logs. `store` outlives the service. `settle` is called before each operation: it has
/// what functions wrote up to now stored, so that who reads sees it and who deletes a group does
/// not see it come back; and once at the end.
Service make_logs_service(LogStore& store, const std::function<void()>& settle);
/// What its operations do with their input.
std::vector<InputMembers> logs_inputs();

std::vector<Operation> logs_group_operations(LogStore& store);
std::vector<Operation> logs_event_operations(LogStore& store);

/// What those files share.
namespace logs_api {

using Plain = http::Response (*)(LogStore&, Call&);

Operation entry(LogStore& store, std::string_view name, std::string_view action, Plain answer);
[[noreturn]] void throw_invalid(const std::string& message);
[[noreturn]] void throw_no_group();
/// logGroupName, or the name in logGroupIdentifier; checked. Throws InvalidParameterException.
std::string group_name(const Call& call);
/// The key of the group of that name in the call's Region.
std::string group_key(const Call& call);
/// The group of that key; throws ResourceNotFoundException when there is none.
LogGroup need_group(LogStore& store, const Call& call);
std::string group_arn(const Call& call, const std::string& name);

} // namespace logs_api
} // namespace nimbus::local

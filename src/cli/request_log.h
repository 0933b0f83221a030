#pragma once

#include "aws/client.h"
#include "aws/ops/logs/log_events.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// From the id of an invocation to what the function wrote meanwhile.
namespace nimbus::cli {

/// Of the events of one log stream, in their order, those of the invocation `id`: from the line
/// "START RequestId: <id>" to the next START. An instance serves one invocation at a time, so all
/// that is between is of this one, also lines that do not name it. Source: AWS Lambda Developer
/// Guide, "Sending Lambda function logs to CloudWatch Logs".
std::vector<aws::logs::LogEvent> events_of_invocation(std::vector<aws::logs::LogEvent> stream,
                                                      std::string_view id);

/// Can `id` be that of a request? Others cannot be searched for.
bool is_request_id(std::string_view id);

/// The events of the invocation `id` in that log group, not older than `since`. Where no invocation
/// has that id, the events that have it somewhere in their text.
std::vector<aws::logs::LogEvent> find_request(const aws::Client& client,
                                              const std::string& log_group, const std::string& id,
                                              std::optional<SystemTime> since);

} // namespace nimbus::cli
